"""A utility of any size, made by set-based statements: premises, customers, accounts, meters, readings, payments."""

from sqlalchemy import text
from sqlalchemy.orm import Session

STREETS = "CASE i % 4 WHEN 0 THEN 'ул. Ленина' WHEN 1 THEN 'ул. Ключевая' WHEN 2 THEN 'пр. Мира' ELSE 'ул. Речная' END"
SURNAMES = (
    "CASE i % 5 WHEN 0 THEN 'Иванов' WHEN 1 THEN 'Петрова' WHEN 2 THEN 'Сидоров' WHEN 3 THEN 'Орлова' ELSE 'Ли' END"
)
FLATS = 50  # in a house

TABLES = (
    "INSERT INTO locality (id, name) VALUES (1, 'Пермь')",
    f"INSERT INTO street (id, locality_id, name, name_fold) SELECT i, 1, name, lower(name) FROM "
    f"(SELECT i, {STREETS} || ' ' || i AS name FROM n WHERE i <= 8) s",
    f"INSERT INTO house (id, street_id, number, label, label_fold) SELECT i, 1 + i % 8, i, 'дом ' || i, 'дом ' || i "
    f"FROM n WHERE i <= 1 + :n / {FLATS}",
    f"INSERT INTO premises (id, house_id, flat, address, address_fold) "
    f"SELECT i, 1 + i / {FLATS}, i % {FLATS}, a, a FROM (SELECT i, "
    f"'пермь, улица ' || (i % 97) || ' слобода, ' || (i / {FLATS}) || 'а, кв. ' || (i % {FLATS}) AS a FROM n) p",
    f"INSERT INTO customer (id, full_name, name_fold, phone) SELECT i, f, f, '7342' || (1000000 + i) FROM "
    f"(SELECT i, {SURNAMES} || ' номер ' || i AS f FROM n) c",
    "INSERT INTO account (id, number, number_key, payer_group, status, customer_id, premises_id, opened_on) "
    "SELECT i, '00' || (10000000 + i), '' || (10000000 + i), 'population', 'active', i, i, '2024-01-01' FROM n",
    "INSERT INTO meter (id, account_id, service_id, serial, digits, installed_on, opening_value, verified_until) "
    "SELECT i, i, (SELECT min(id) FROM service), 'S' || (500000 + i), 5, '2024-01-01', 0, "
    "CASE i % 3 WHEN 0 THEN NULL ELSE '2030-01-0' || (1 + i % 7) END FROM n",
    "INSERT INTO reading (id, account_id, meter_id, period, attempt, value, taken_on, received_at, source, state) "
    "SELECT i * 2 + m, i, i, '2026-0' || (8 + m) || '-01', 1, i * 1000, '2026-0' || (8 + m) || '-2' || (i % 7), "
    "'2026-08-22 10:00:00', 'cabinet', 'checked' FROM n, (SELECT 0 AS m UNION SELECT 1) months",
    "INSERT INTO payment (id, account_id, payment_type_id, payee_id, channel, state, amount, order_number, "
    "status_token, idempotency_key, created_at, changed_at) SELECT i, i, (SELECT min(id) FROM payment_type), "
    "(SELECT min(id) FROM payee), 'card', "
    "'succeeded', 10000 + i, 'WC-' || i, 't' || i, 'k' || i, '2026-08-22 10:00:00', '2026-08-22 10:00:00' FROM n",
    "INSERT INTO ab_user (id, first_name, last_name, username, email, active, must_change_password) "
    "SELECT 1000 + i, 'Имя', 'Фамилия', 'user-' || i, i || '@example.org', true, false FROM n",
    "INSERT INTO ab_user_role (id, user_id, role_id) "
    "SELECT 1000 + i, 1000 + i, (SELECT id FROM ab_role WHERE name = 'Customer') FROM n",
)


def fill(session: Session, n: int) -> None:
    """`n` accounts with as many premises, customers, users, meters and payments, two readings each."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    session.execute(text("CREATE TEMPORARY TABLE n (i INTEGER PRIMARY KEY)"))
    numbers = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < :n) SELECT i FROM s"
    session.execute(text(f"INSERT INTO n {numbers}"), {"n": n})
    for statement in TABLES:
        session.execute(text(_cast(statement) if is_postgresql else statement), {"n": n} if ":n" in statement else {})
    session.execute(text("DROP TABLE n"))
    session.execute(text("ANALYZE"))


def _cast(statement: str) -> str:
    """PostgreSQL does not take a made text for a date or a number's text for a column of texts."""
    for made in (
        "'2030-01-0' || (1 + i % 7)",
        "'2026-0' || (8 + m) || '-01'",
        "'2026-0' || (8 + m) || '-2' || (i % 7)",
    ):
        statement = statement.replace(made, f"({made})::date")
    for made in ("'2024-01-01'", "'2026-08-22 10:00:00'"):
        statement = statement.replace(made, f"{made}::{'date' if len(made) == 12 else 'timestamptz'}")
    return statement
