from tests.browser.reading import chromium, problems, window


def test_axe_would_find_a_mistake() -> None:
    with chromium() as browser:
        page = window(browser, 1280)
        page.set_content("<title>A page</title><main><h1>A picture</h1><img src='none.png'></main>")

        assert [line.partition(" ")[0] for line in problems(page)] == ["html-has-lang", "image-alt"]
