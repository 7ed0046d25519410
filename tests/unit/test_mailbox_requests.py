"""What people asked for: kept until it is answered, and remembered for as long as it may be delivered again."""

from reviewbot.engine.mailbox import Mailbox
from reviewbot.model import REDEPLOY, Record, Request
from tests.unit.builders import HEAD, NOW, REF
from tests.unit.stores import Store


def the_record(mailbox: Mailbox) -> Record:
    record = mailbox.record(REF.name)
    assert record is not None
    return record


def test_what_somebody_asked_for_is_kept_until_it_is_answered_and_then_for_a_while() -> None:
    mailbox = Mailbox(Store())
    mailbox.poke(REF)
    mailbox.label(the_record(mailbox), HEAD, "shop-pr-12-x")
    asked = Request("delivery-1", REDEPLOY, HEAD, (5, "alice"), NOW)
    assert mailbox.poke_commit(REF.repository, HEAD, asked) == 1
    assert mailbox.poke_commit(REF.repository, HEAD, asked) == 1
    record = the_record(mailbox)
    assert (record.requests, record.answered) == ((asked,), ())
    mailbox.write_status(REF.name, {"requests": {"delivery-1": {"outcome": "Retried", "at": NOW.isoformat()}}})
    record = the_record(mailbox)
    assert (record.requests, record.answered) == ((), (("delivery-1", NOW),))
    mailbox.drop_requests(record, ["delivery-1"])
    record = the_record(mailbox)
    assert (record.requests, record.answered) == ((), ())
