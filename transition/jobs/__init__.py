"""The timetable and what runs it. It holds no rule: each job asks the database what is owed."""
