"""A stand-in for the course's web application, with SQLAlchemy as it uses it.

It keeps its database open and takes one command a line on standard input, and
answers each with one line of JSON on standard output.
"""
import datetime
import json
import sys
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import declarative_base, relationship, sessionmaker

Base = declarative_base()


class Account(Base):
    __tablename__ = "Account"
    id = sa.Column(sa.String, primary_key=True, default=lambda: str(uuid.uuid4()).replace("-", ""))
    email = sa.Column(sa.String, index=True, unique=True, nullable=False)
    password_hash = sa.Column(sa.String)
    created = sa.Column(sa.DateTime, default=datetime.datetime.now)
    email_confirmed = sa.Column(sa.Boolean(create_constraint=True), nullable=False, default=False)
    is_super_user = sa.Column(sa.Boolean(create_constraint=True), nullable=False, default=False)


class PasswordReset(Base):
    __tablename__ = "PasswordReset"
    id = sa.Column(sa.String, primary_key=True, default=lambda: str(uuid.uuid4()).replace("-", ""))
    created_date = sa.Column(sa.DateTime, default=datetime.datetime.now)
    used_date = sa.Column(sa.DateTime)
    was_used = sa.Column(sa.Boolean(create_constraint=True), default=False)
    used_ip_address = sa.Column(sa.String)
    user_id = sa.Column(sa.String, sa.ForeignKey("Account.id"))


class Album(Base):
    __tablename__ = "Album"
    id = sa.Column(sa.Integer, primary_key=True, autoincrement=True)
    name = sa.Column(sa.String)
    year = sa.Column(sa.Integer, index=True)
    price = sa.Column(sa.Float)
    has_preview = sa.Column(sa.Boolean(create_constraint=True), default=False)
    tracks = relationship("Track", back_populates="album")


class Track(Base):
    __tablename__ = "Track"
    id = sa.Column(sa.Integer, primary_key=True, autoincrement=True)
    name = sa.Column(sa.String)
    length = sa.Column(sa.Integer)
    album_id = sa.Column(sa.Integer, sa.ForeignKey("Album.id"))
    album = relationship("Album", back_populates="tracks")


def text(when):
    return when.isoformat() if when else None


def main(path):
    engine = sa.create_engine("sqlite:///" + path)
    Base.metadata.create_all(engine)
    factory = sessionmaker(bind=engine)

    def account(session, email):
        row = Account(email=email)
        session.add(row)
        session.commit()
        return {"id": row.id}

    def album(session, name):
        session.add(Album(name=name, year=1999, tracks=[Track(name="one", length=60)]))
        session.commit()
        return {}

    def request(session, email, ip, created=None):
        owner = session.query(Account).filter(Account.email == email).first()
        row = PasswordReset(used_ip_address=ip, user_id=owner.id)
        if created:
            row.created_date = datetime.datetime.fromisoformat(created)
        session.add(row)
        session.commit()
        return {"id": row.id, "created": text(row.created_date)}

    def redeem(session, code, ip):
        row = session.query(PasswordReset).filter(PasswordReset.id == code).first()
        if row is None:
            return {"ok": False, "why": "unknown"}
        if row.was_used:
            return {"ok": False, "why": "used"}
        if row.created_date + datetime.timedelta(days=1) < datetime.datetime.now():
            return {"ok": False, "why": "old"}
        row.was_used = True
        row.used_date = datetime.datetime.now()
        row.used_ip_address = ip
        session.commit()
        return {"ok": True, "used": text(row.used_date)}

    def show(session, code):
        row = session.query(PasswordReset).filter(PasswordReset.id == code).first()
        return {"created": text(row.created_date), "used": text(row.used_date), "was_used": row.was_used,
                "ip": row.used_ip_address, "user": row.user_id}

    commands = {"account": account, "album": album, "request": request, "redeem": redeem, "show": show}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        name, *args = json.loads(line)
        session = factory()
        try:
            answer = commands[name](session, *args)
        except Exception as problem:  # the test wants to see it, whatever it is
            answer = {"error": repr(problem)}
        finally:
            session.close()
        print(json.dumps(answer), flush=True)


main(sys.argv[1])
