"""What everybody may read: offices, prices, news."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import extract, or_, select
from sqlalchemy.orm import Session, joinedload

from ..models import Article, ArticleKind, Office, Service, Tariff


def offices(session: Session) -> Sequence[Office]:
    return session.scalars(select(Office).order_by(Office.payer_group.desc(), Office.id).limit(100)).all()


def tariffs(session: Session, today: date) -> Sequence[Tariff]:
    """Prices that hold today or will hold later, with their services."""
    return session.scalars(
        select(Tariff)
        .join(Tariff.service)
        .where(or_(Tariff.valid_to.is_(None), Tariff.valid_to >= today))
        .options(joinedload(Tariff.service))
        .order_by(Tariff.payer_group.desc(), Tariff.territory, Tariff.valid_from, Service.position)
        .limit(200)
    ).all()


def articles(
    session: Session,
    kind: ArticleKind,
    today: date,
    *,
    year: int | None = None,
    before: tuple[date, int] | None = None,
    most: int = 20,
) -> Sequence[Article]:
    """Published articles of a kind, of one year where it is given, the newest first; `before` is the (date, id) of the
    last one on the page before."""
    statement = select(Article).where(Article.kind == kind, Article.published_on <= today)
    if year is not None:
        statement = statement.where(Article.published_on.between(date(year, 1, 1), date(year, 12, 31)))
    if before is not None:
        day, last_id = before
        statement = statement.where(
            or_(Article.published_on < day, (Article.published_on == day) & (Article.id < last_id))
        )
    return session.scalars(statement.order_by(Article.published_on.desc(), Article.id.desc()).limit(most)).all()


def years(session: Session, kind: ArticleKind, today: date) -> Sequence[int]:
    """The years in which something of a kind was published, the last first."""
    year = extract("year", Article.published_on)
    found = select(year).where(Article.kind == kind, Article.published_on <= today)
    return [int(each) for each in session.scalars(found.distinct().order_by(year.desc()).limit(50))]


def article(session: Session, article_id: int, kind: ArticleKind, today: date) -> Article | None:
    return session.scalar(
        select(Article).where(Article.id == article_id, Article.kind == kind, Article.published_on <= today)
    )
