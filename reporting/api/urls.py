"""The routes of version 1."""

from rest_framework.routers import SimpleRouter

from reporting.api import views

router = SimpleRouter()
router.register("programmes", views.Programmes, basename="programme")
router.register("rounds", views.Rounds, basename="round")
router.register("applications", views.Applications, basename="application")
router.register("awards", views.Awards, basename="award")
router.register("claims", views.Claims, basename="claim")
router.register("payments", views.Payments, basename="payment")

urlpatterns = router.urls
