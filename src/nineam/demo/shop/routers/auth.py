"""Logging in."""

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from ..database import Shop
from ..models import User
from ..schemas import Credentials, Token
from ..security import hash_password, new_token, verify_password
from ..sins import BLOCKING_LOGIN

router = APIRouter()


def find_user(shop: Shop, email: str) -> User | None:
    """Find the user with this address; the connection goes back before the password is hashed."""
    with shop.sessions() as session:
        return session.scalar(select(User).where(User.email == email))


@router.post("/auth/login")
async def login(credentials: Credentials, request: Request) -> Token:
    """Answer a token for the right password, 401 for everything else."""
    shop: Shop = request.app.state.shop
    user = await run_in_threadpool(find_user, shop, credentials.email)
    if user is None:
        # an unknown address costs as much as a wrong password, so that nobody learns who has an account
        await run_in_threadpool(hash_password, credentials.password, b"nobody")
        raise HTTPException(401, "wrong email or password")
    if shop.settings.commits(BLOCKING_LOGIN):
        accepted = verify_password(credentials.password, user.password_hash)
    else:
        accepted = await run_in_threadpool(verify_password, credentials.password, user.password_hash)
    if not accepted:
        raise HTTPException(401, "wrong email or password")
    return Token(token=new_token(), user_id=user.id)
