"""A scoring service as most people write one: FastAPI, LightGBM, shap, SQLAlchemy. Runs in an environment of its own.

    python peer_fastapi.py MODEL.txt DATABASE-URL PORT

It is sent the feature row that Sybilgate has to make: no event is read, nothing is linked. One row is stored for each
call, durably, with its contributions.
"""

import sys

import lightgbm
import numpy as np
import shap
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import JSON, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Score(Base):
    """One answer."""

    __tablename__ = "score"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    features: Mapped[list] = mapped_column(JSON)
    risk: Mapped[float]
    contributions: Mapped[list] = mapped_column(JSON)


class Question(BaseModel):
    account_id: str
    features: list[float | None]


class Answer(BaseModel):
    id: int
    risk: float
    contributions: list[float]


def application(model: str, url: str) -> FastAPI:
    booster = lightgbm.Booster(model_file=model)
    explainer = shap.TreeExplainer(booster)
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def durable(connection, _):
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
            connection.execute(f"PRAGMA {pragma}")

    Base.metadata.create_all(engine)
    app = FastAPI()

    @app.post("/score")
    def score(question: Question) -> Answer:
        row = np.array([question.features], dtype=np.float64)
        margin = float(booster.predict(row, raw_score=True, num_threads=1)[0])
        contributions = np.asarray(explainer.shap_values(row))[0].tolist()
        risk = 1.0 / (1.0 + float(np.exp(-margin)))
        with Session(engine) as session:
            stored = Score(
                account_id=question.account_id, features=question.features, risk=risk, contributions=contributions
            )
            session.add(stored)
            session.commit()
            return Answer(id=stored.id, risk=risk, contributions=contributions)

    return app


if __name__ == "__main__":
    uvicorn.run(application(sys.argv[1], sys.argv[2]), host="127.0.0.1", port=int(sys.argv[3]), log_level="warning")
