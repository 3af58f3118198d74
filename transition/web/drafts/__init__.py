"""Drafts: what is typed into a form is kept until the form is taken."""
