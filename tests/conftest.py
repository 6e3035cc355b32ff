"""No clock decides about generated examples: on a busy machine they are slow, and that is all."""

from hypothesis import HealthCheck, settings

settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")
