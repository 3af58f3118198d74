"""The transition tracker: from children's to adult hospice care, step by step.

The map of rooms. Each imports only the rooms below it; `lint-imports` refuses anything else.

    __main__, commands   how it is started: sets itself up, then does one command
    app                  the one place where every room meets
    web, jobs            screens; the timetable
    actions              what people and the clock do, one function and one transaction each
    mail                 what is said in letters
    records              what is kept
    catalogue            the files in config/, read into the rules' values
    rules                what is right: plain functions over plain values. Start reading here
    security             keys, sealing, passwords
    clock, settings, home, assets   the time, how it runs here, where its files lie, the look

Nothing but the standard library may be imported here: `python3 -m transition` passes through
before anything has been installed.
"""

__version__ = "0.1.0"
