from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="fewerreviews",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(
            model_name="fewerreviews",
            name="fewer_reviews_are_allowed_once_per_number",
        ),
        migrations.AddConstraint(
            model_name="fewerreviews",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("application", "counted"), name="fewer_reviews_are_allowed_once_per_number"
            ),
        ),
    ]
