"""What colleagues write beside the record of a case: notes, joint visits, documents, alerts."""
