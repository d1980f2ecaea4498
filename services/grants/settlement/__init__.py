"""Settlement as one spends: complete at any moment, filed as a report, finalised to the won."""

from services.grants.settlement.acts import file_report, finalize, send_back
from services.grants.settlement.figures import Account, account, accounts_waiting, digest, view

__all__ = ["Account", "account", "accounts_waiting", "digest", "file_report", "finalize", "send_back", "view"]
