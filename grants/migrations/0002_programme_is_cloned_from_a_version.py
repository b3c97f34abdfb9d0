import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A programme has versions and comes from one: the second of these two can only be added once both tables stand."""

    dependencies = [
        ("grants", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="cloned_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clones",
                to="grants.programmeversion",
            ),
        ),
    ]
