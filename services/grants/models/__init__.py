"""The tables of grants, by subject; every one is known once this package is imported."""

from services.grants.models.agreements import Agreement, ChangeRequest, InterimCheck, Milestone, Signature
from services.grants.models.applications import PHASES, SHORT, Application, ApplicationStep, Filing, Objection
from services.grants.models.base import AUDIT, KEY_LENGTH, Base
from services.grants.models.calls import Call, Programme, ProgrammeVersion
from services.grants.models.committee import AgendaItem, Meeting, Seat, Vote
from services.grants.models.files import Attachment, Blob, PhotoBand
from services.grants.models.groups import ApplicantGroup, GroupMember
from services.grants.models.ledger import BudgetLine, Posting
from services.grants.models.payments import Tranche
from services.grants.models.register import Intermediary, Project, Space
from services.grants.models.reviews import Appointment, Interest, Review, Reviewer, StageDate
from services.grants.models.settlement import Expense, ReturnOrder, ReturnPayment, Sanction, Settlement

__all__ = [
    "AUDIT",
    "KEY_LENGTH",
    "PHASES",
    "SHORT",
    "AgendaItem",
    "Agreement",
    "ApplicantGroup",
    "Application",
    "ApplicationStep",
    "Appointment",
    "Attachment",
    "Base",
    "Blob",
    "BudgetLine",
    "Call",
    "ChangeRequest",
    "Expense",
    "Filing",
    "GroupMember",
    "Interest",
    "InterimCheck",
    "Intermediary",
    "Meeting",
    "Milestone",
    "Objection",
    "PhotoBand",
    "Posting",
    "Programme",
    "ProgrammeVersion",
    "Project",
    "ReturnOrder",
    "ReturnPayment",
    "Review",
    "Reviewer",
    "Sanction",
    "Seat",
    "Settlement",
    "Signature",
    "Space",
    "StageDate",
    "Tranche",
    "Vote",
]
