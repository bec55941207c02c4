"""Oppfølging: from minutes to done. This is the map; a test checks that every path in it exists.

Where is …
    the wording of a mail                   tracker/templates/mail/<letter>/
    what a letter may say                   tracker/mail/letters.py, of tracker/mail/values.py
    how letters are filled in by thousands  tracker/mail/filling.py, tracker/mail/shapes.py
    a deadline, computed or offered         tracker/rules/deadlines.py
    a deadline given by hand                tracker/web/due_form.py
    which reminder is due, and why not      tracker/rules/reminders.py
    what a working day is                   tracker/rules/workdays.py
    who may what, and see what              tracker/rules/access.py, tracker/services/visible.py
    who may use a page                      tracker/web/access.py and each view's @allow
    a case that isn't public                tracker/services/restricting.py
    the log of who did what                 tracker/models/audit.py, tracker/services/audit.py
    what is stored about me, and leaving    tracker/services/personal.py, tracker/services/removal.py
    what everybody may see of a body        tracker/services/public.py
    two rows that are one person            tracker/services/merging.py
    people out of files and lists           tracker/services/address_book.py, tracker/services/roster.py
    how often a sign-in link may be asked   tracker/services/attempts.py
    when things run by themselves           jobs/schedule.py
    what a calendar feed contains           tracker/calendars/feed.py
    which meetings, and that none changed   tracker/calendars/listed.py
    how one event is written, and kept      tracker/calendars/event.py, tracker/calendars/kept.py
    an invitation, and calendars' answers    tracker/calendars/invitation.py, tracker/calendars/reply.py
    how a meeting is called, or a year's    tracker/services/planning.py, tracker/rules/series.py
    how a document becomes lines            tracker/minutes/document.py and tracker/minutes/formats/
    how minutes are read, step by step      tracker/minutes/reader.py
    the words the reader knows              tracker/minutes/words/
    what the reader hands on                tracker/minutes/draft.py
    what the secretary answers              tracker/services/review.py and tracker/services/verdicts.py
    what publishing writes                  tracker/services/publish.py
    minutes that come again, corrected      tracker/services/earlier.py and tracker/services/amend.py
    whom corrected minutes concern          tracker/services/corrected.py
    what is said of earlier tasks           tracker/minutes/remarks.py and tracker/services/reported.py
    what happens to a task afterwards       tracker/services/follow_up.py
    how mail is decided on                  tracker/services/remind.py, tracker/services/due.py
    what a moved meeting takes with it      tracker/services/moving.py
    what became of earlier decisions        tracker/services/decision_report.py
    how a decision stands by its tasks      tracker/services/standing.py
    that report as a file                   tracker/services/report_files.py, tracker/templates/reports/
    the year in figures                     tracker/services/yearly.py, tracker/web/charts.py
    which mails are to come                 tracker/services/forecast.py
    who is asked to a meeting, and answers  tracker/services/inviting.py, tracker/services/sign_up.py
    what their mails say                    tracker/mail/meeting_letters.py, tracker/services/meeting_mails.py
    the status by mail before a meeting     tracker/services/status_mails.py
    how mail is written and leaves          tracker/services/compose.py, tracker/services/deliver.py
    words and bytes, shortly before         tracker/services/written.py
    a task entered by hand, read as typed   tracker/services/one_line.py, tracker/services/entry.py
    comments, and who is told of them       tracker/services/comments.py
    the register of tasks, and its files    tracker/services/task_register.py, tracker/services/sheets.py
    what it asks the database               tracker/services/task_queries.py
    what an assignee owes, what waits       tracker/services/worklist.py, tracker/services/waiting.py
    tasks as lists show them                tracker/services/rows.py
    how many tasks stand how                tracker/services/counts.py
    what the filters of registers offer     tracker/services/choices.py
    many tasks changed at once, and undone  tracker/services/bulk.py
    full-text search, and what it may find  tracker/services/search.py, tracker/services/visible.py
    what holds words, and common ones       tracker/services/word_index.py, tracker/services/common_words.py
    a backup, and back again                tracker/services/backup.py
    a way out for mail, and by a server     tracker/mail/transport.py, tracker/mail/smtp.py
    how mail is signed                      tracker/mail/dkim.py
    why a mail was refused, in plain words  tracker/mail/refusals.py
    invitations in people's own calendars   tracker/services/calendar_mails.py
    answers that come by mail               tracker/services/replies.py, tracker/services/placing.py
    what the secretary places by hand       tracker/services/unplaced.py
    where mail comes in                     tracker/mail/mailboxes.py
    what is in a mail that comes in         tracker/mail/received.py
    a mail that comes back                  tracker/mail/bounce.py
    what keeps mail from being lost         tracker/services/batches.py and tracker/models/batch.py
    how files are scanned for viruses       tracker/services/virus.py
    how we know that it runs                tracker/services/pulse.py
    the tables                              tracker/models/
    changes to the tables                   tracker/migrations/versions/
    what an operator may set                tracker/settings.py and config/example.toml
    how an empty installation is set up     tracker/services/start.py, tracker/web/start.py
    how the parts are wired                 tracker/program.py, tracker/app.py
    writes by way of the driver itself      tracker/driven.py
    connections that only read              tracker/db.py (open_reader), used by tracker/web/access.py
    the commands                            tracker/cli.py, tracker/operations.py
    why pages may go compressed             tracker/web/compression.py
    a council's own colour                  tracker/rules/colours.py
    the look                                tracker/static/app.css, tracker/templates/macros.html
"""
