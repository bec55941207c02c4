"""The register: one file per noun. Import from here."""

from tracker.models.access import Attempt, Feed, Key, KeyPurpose
from tracker.models.attachment import Attachment
from tracker.models.audit import Audit, Deed
from tracker.models.base import Base
from tracker.models.batch import Batch
from tracker.models.body import Body, Membership
from tracker.models.comment import Comment
from tracker.models.decision import Decision, DecisionChange
from tracker.models.heartbeat import Heartbeat
from tracker.models.invitation import Coming, Invitation, Method, Role, Via
from tracker.models.meeting import (
    AgendaItem,
    Attendance,
    Meeting,
    MeetingChange,
    MeetingKind,
    MeetingNotice,
    MeetingStatus,
    Presence,
)
from tracker.models.message import Message, MessageKind, MessageState
from tracker.models.organisation import Organisation
from tracker.models.person import Person
from tracker.models.received_mail import Outcome, ReceivedMail
from tracker.models.register import BulkChange, SavedFilter
from tracker.models.reminder import Reminder
from tracker.models.source import Source, SourceState, Verdict
from tracker.models.task import Action, Answer, Assignment, History, Part, Task, TaskStatus

__all__ = [
    "Action", "AgendaItem", "Answer", "Assignment", "Attachment", "Attempt", "Attendance", "Audit", "Base",
    "Batch", "Body", "BulkChange", "Coming", "Comment", "Decision", "DecisionChange", "Deed", "Feed",
    "Heartbeat", "History", "Invitation", "Key", "KeyPurpose", "Meeting", "MeetingChange", "MeetingKind",
    "MeetingNotice", "MeetingStatus", "Membership", "Message", "MessageKind", "MessageState", "Method",
    "Organisation", "Outcome", "Part", "Person", "Presence", "ReceivedMail", "Reminder", "Role",
    "SavedFilter", "Source", "SourceState", "Task", "TaskStatus", "Verdict", "Via",
]  # fmt: skip
