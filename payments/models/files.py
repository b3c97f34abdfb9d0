"""Papers as they leave the house: PDFs written once from a frozen text, kept byte for byte."""

from django.db import models
from django.db.models import Q

from audit.triggers import protect
from payments.models.awards import AwardPaper, SubsidyNotice
from payments.models.runs import Payment


@protect(deletable=True)
class PaperFile(models.Model):
    """The tagged PDF of one frozen paper of an award, or of one subsidy notice, with its own SHA-256. Never written again."""

    paper = models.OneToOneField(AwardPaper, null=True, on_delete=models.PROTECT, related_name="file")
    notice = models.OneToOneField(SubsidyNotice, null=True, on_delete=models.PROTECT, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paper__isnull=False, notice__isnull=True) | Q(paper__isnull=True, notice__isnull=False),
                name="paper_file_is_of_one_paper",
            ),
            models.CheckConstraint(condition=~Q(sha256=""), name="paper_file_has_its_hash"),
        ]

    def __str__(self) -> str:
        return f"PDF, SHA-256 {self.sha256[:16]}"


@protect(deletable=True)
class PaymentAdvice(models.Model):
    """What a company's bookkeeper is told of one settled payment: its text frozen, and the PDF written from it."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="advices")
    reference = models.CharField(max_length=40)
    body = models.TextField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "payment advices"
        constraints = [models.UniqueConstraint(fields=["reference"], name="payment_advice_is_once_per_reference")]

    def __str__(self) -> str:
        return f"Advice of {self.reference}"
