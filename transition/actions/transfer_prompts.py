"""Letters on the way to a transfer: get ready, finish or move the date, the date has passed."""

from functools import cache

from transition.actions.absences import with_covers
from transition.actions.nudges import KEY_LENGTH, SENT_FROM, directory_of
from transition.actions.transfers import readiness_of
from transition.actions.work import Work
from transition.clock import LONDON
from transition.records.keys import vault_of
from transition.records.outbox import prompts_known
from transition.records.staff import holders
from transition.records.transfers import Moving, moving_cases
from transition.rules.calendar import is_working_day
from transition.rules.transfers import Ahead, Prompt, is_near, prompt_due
from transition.security.chain import digest_of

PROMPT = "transfer_prompt"
"""The kind of the letter."""


def send_transfer_prompts(work: Work) -> int:
    """Queue what the transfers ahead ask for and its readers have not had; return how many.

    Safe to run at any time and again. Of what fell due while the worker was off, only the last is
    sent; a date that moves asks anew.
    """
    early = work.now.astimezone(LONDON).time() < SENT_FROM
    if early or not is_working_day(work.today, work.catalogue.holidays):
        return 0
    root = vault_of(work.session).root(work.session, "trail")
    held_in = cache(lambda key: holders(work.session, key, today=work.today))
    queued = 0
    for moving in moving_cases(work.session):
        prompt = prompt_of(work, moving)
        if prompt is None:
            continue
        directory = directory_of(moving.case, moving.handover, held_in)
        people = [one for to in prompt.to for one in directory[to]]
        told = {
            digest_of(root, _words(moving, prompt, one.uid), "prompt")[:KEY_LENGTH]: one
            for one in with_covers(work, people)
        }
        about = f"{moving.case.reference}/{moving.handover.key}/{prompt.rung}"
        for key in told.keys() - prompts_known(work.session, list(told)):
            work.post(PROMPT, to=told[key], about=about, on=moving.case).prompt_key = key
            queued += 1
    return queued


def prompt_of(work: Work, moving: Moving) -> Prompt | None:
    """Return what a transfer that is not signed yet asks for now, if anything."""
    on = moving.case.target_transfer_on
    if on is None or not moving.waits:
        return None
    # What is open is asked for only where it decides: the answer is dear.
    near = is_near(on, work.today)
    is_open = near and bool(readiness_of(work, moving.case, moving.handover).sentences)
    handover = moving.handover
    worker_by = None if handover.names_worker else handover.adult_worker_by
    ahead = Ahead(on, met=moving.met, gates_open=is_open, worker_by=worker_by)
    return prompt_due(ahead, work.today, work.catalogue.holidays)


def _words(moving: Moving, prompt: Prompt, reader: bytes) -> bytes:
    """Return what makes a prompt unique: which it is, of which case and date, and its reader."""
    kind = f"transfer/{prompt.rung}/{prompt.number}/{moving.case.target_transfer_on}"
    about = f"{moving.case.uid.hex()}/{moving.handover.key}"
    return f"{kind} {about} {reader.hex()}".encode()
