from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0002_upload_remembers_that_it_is_attached"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="ruling_out_because",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
