"""Accounts: making them, signing in with a password or through OpenID Connect."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import lazy_gettext
from sqlalchemy import select

from shared.audit import record
from shared.database import Database
from shared.districts import BY_CODE
from shared.identity.actor import SYSTEM, Actor, Role
from shared.identity.models import AUDIT, Account
from shared.refusal import Refusal

ATTEMPTS = 5
LOCK = timedelta(minutes=5)
PASSWORD_LENGTH = 10
SENTENCES = {
    "district_needed": lazy_gettext("자치구 담당자는 자치구가 정해져 있어야 합니다."),
    "login_taken": lazy_gettext("이미 쓰고 있는 아이디입니다. 다른 아이디를 골라 주세요."),
    "login_too_short": lazy_gettext("아이디를 3자 이상 120자 이하로 적어 주세요."),
    "name_missing": lazy_gettext("이름을 80자 이하로 적어 주세요."),
    "oidc_failed": lazy_gettext("통합 로그인을 마치지 못했습니다. 처음부터 다시 시도해 주세요."),
    "password_too_short": lazy_gettext("비밀번호는 10자 이상이어야 합니다."),
    "wrong_login": lazy_gettext(
        "아이디나 비밀번호가 맞지 않습니다. 다시 확인해 주세요. 다섯 번 틀리면 5분 동안 로그인할 수 없습니다."
    ),
}
_hasher = PasswordHasher()
_nobodys_hash = _hasher.hash("nobody has this account")


def create(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    login: str,
    name: str,
    password: str | None,
    roles: Iterable[Role],
    district: str | None = None,
    spaces: Iterable[int] = (),
) -> Actor:
    """Make an account. Raises Refusal: account_invalid with field codes, login_taken."""
    wanted = sorted(set(roles))
    wrong: dict[str, list[str]] = {}
    if not 3 <= len(login.strip()) <= 120:
        wrong["login"] = ["login_too_short"]
    if not 1 <= len(name.strip()) <= 80:
        wrong["name"] = ["name_missing"]
    if password is not None and len(password) < PASSWORD_LENGTH:
        wrong["password"] = ["password_too_short"]
    if Role.DISTRICT_STAFF in wanted and district not in BY_CODE:
        wrong["district"] = ["district_needed"]
    if wrong:
        raise Refusal("invalid_input", 422, fields=wrong)
    with database.write() as session:
        if session.scalar(select(Account.id).where(Account.login == login.strip())):
            raise Refusal("login_taken", 409, fields={"login": ["login_taken"]})
        account = Account(
            login=login.strip(),
            name=name.strip(),
            password_hash=_hasher.hash(password) if password is not None else None,
            roles=[role.value for role in wanted],
            district=district,
            spaces=list(spaces),
            created_at=now,
        )
        session.add(account)
        session.flush()
        record(session, AUDIT, actor, now, "account.created", f"account:{account.id}", {"roles": account.roles})
        return account.actor()


def sign_in(database: Database, now: datetime, login: str, password: str) -> Actor:
    """Who it is. Raises Refusal wrong_login (401): the same for an unknown name, a wrong password and a locked account,
    so that nobody learns which accounts there are.

    Five wrong passwords lock the account for five minutes, whoever tried.
    """
    with database.read() as session:
        found = session.scalar(select(Account).where(Account.login == login.strip()))
        hashed = (found.password_hash if found else None) or _nobodys_hash
        locked = bool(found and found.locked_until and found.locked_until > now)
    right = _matches(hashed, password)
    if locked or found is None or not found.active or found.password_hash is None:
        raise Refusal("wrong_login", 401)
    with database.write() as session:
        account = session.get_one(Account, found.id, with_for_update=True)
        if right:
            account.failed_attempts, account.locked_until = 0, None
            if _hasher.check_needs_rehash(hashed):
                account.password_hash = _hasher.hash(password)
            record(session, AUDIT, account.actor(), now, "account.signed_in", f"account:{account.id}")
            return account.actor()
        account.failed_attempts += 1
        if account.failed_attempts >= ATTEMPTS:
            account.failed_attempts, account.locked_until = 0, now + LOCK
            record(session, AUDIT, SYSTEM, now, "account.locked", f"account:{account.id}")
    raise Refusal("wrong_login", 401)


def sign_in_through_oidc(database: Database, now: datetime, subject: str, name: str) -> Actor:
    """The account that belongs to an OpenID Connect subject; a first visit makes a resident's account.

    Roles are never taken from the provider: an administrator grants them here, where it is recorded.
    """
    with database.write() as session:
        account = session.scalar(select(Account).where(Account.oidc_subject == subject))
        if account is None:
            account = Account(
                login=f"oidc:{subject}"[:120],
                name=(name or subject)[:80],
                oidc_subject=subject,
                roles=[Role.RESIDENT.value],
                spaces=[],
                created_at=now,
            )
            session.add(account)
            session.flush()
            record(session, AUDIT, SYSTEM, now, "account.created", f"account:{account.id}", {"roles": account.roles})
        if not account.active:
            raise Refusal("wrong_login", 401)
        record(session, AUDIT, account.actor(), now, "account.signed_in", f"account:{account.id}")
        return account.actor()


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
