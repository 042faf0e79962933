"""Everything the outside may set, from the environment (`O2O_…`). Read only by doors and infra."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_SECRET = "demo-secret-not-for-production-0000000000"


class Settings(BaseSettings):
    """Addresses, secrets and limits. `profile=production` refuses to start on demo secrets."""

    model_config = SettingsConfigDict(env_prefix="O2O_", frozen=True)

    profile: Literal["demo", "test", "production"] = "demo"
    data_dir: Path = Path("var")
    database_url: str | None = None
    broker_url: str | None = None
    osrm_url: str | None = None
    patient: bool = False
    """No wall clock stops a solver: for simulated days, which must repeat on a busy machine."""
    host: str = "127.0.0.1"
    port: int = 8000
    api_processes: int = 2
    worker_processes: int = 2
    threads: int = 8
    """Handler threads of one API process; both of its database pools are sized to it."""
    glance_s: float = 1.0
    """How old the queues and riders may be that a quote is made of; a setting read again as long."""
    lock_timeout_ms: int = 2_000
    own_core: bool = False
    """Whether each API process keeps to a core of its own: for a house that has its machine to itself."""
    admitted: int = 48
    """Requests one API process works on or queues at once; beyond it answers 503 with Retry-After."""
    token_secret: SecretStr = SecretStr(DEMO_SECRET)
    payment_secret: SecretStr = SecretStr(DEMO_SECRET)
    webhook_url: str | None = None
    """Where the sandbox provider posts its notices; None hands them over within the process."""
    access_token_s: int = 600
    refresh_token_s: int = 30 * 86_400
    sms: Literal["console", "none"] = "console"
    courier: Literal["none", "sandbox"] = "none"
    """Who carries what our own riders cannot in time."""
    payment_window_s: int = 900
    """How long a placed order waits for its payment."""
    log_json: bool = False

    @model_validator(mode="after")
    def _no_demo_secrets_in_production(self) -> "Settings":
        if self.profile == "production":
            for name in ("token_secret", "payment_secret"):
                secret: SecretStr = getattr(self, name)
                if secret.get_secret_value() == DEMO_SECRET or len(secret.get_secret_value()) < 32:
                    raise ValueError(f"O2O_{name.upper()} must be a secret of at least 32 characters in production")
        return self


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
