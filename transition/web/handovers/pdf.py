"""A page as a tagged PDF. What makes it is loaded when one is asked for, and fetches nothing."""

import logging
from typing import Final, cast

from flask import current_app

NO_PDF: Final = (
    "A PDF cannot be made on this machine: Pango is missing. Choose the page, and save it as a PDF "
    "when you print it."
)


class NoPdf(Exception):
    """No PDF can be made here; its text is a sentence that says what to do."""


def pdf_of(page: str) -> bytes:
    """Return a page that is made for paper as a tagged PDF.

    Raises:
        NoPdf: this machine lacks what it takes.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as missing:
        raise NoPdf(NO_PDF) from missing
    # It tells of every address that it may not fetch: the sheet is given to it as a file.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fetcher = URLFetcher(allowed_protocols=["data"])
    sheet = CSS(filename=f"{current_app.static_folder}/paper.css")
    document = HTML(string=page, url_fetcher=fetcher)
    return cast("bytes", document.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1"))
