from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='uploading',
            name='attached_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
