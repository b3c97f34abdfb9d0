import audit.tables
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        audit.tables.CreateTables(
            operations=[migrations.CreateModel(
                name='Case',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reference', models.CharField(max_length=24, unique=True)),
                    ('holder', models.CharField(blank=True, max_length=40)),
                    ('held_since', models.DateTimeField(blank=True, null=True)),
                ],
            ), migrations.CreateModel(
                name='Deadline',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('record_type', models.CharField(max_length=60)),
                    ('record_id', models.BigIntegerField()),
                    ('name', models.CharField(max_length=40)),
                    ('due_at', models.DateTimeField()),
                    ('done_at', models.DateTimeField(blank=True, null=True)),
                    ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                    ('locked_until', models.DateTimeField(blank=True, null=True)),
                    ('reason', models.CharField(blank=True, max_length=200)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('cancelled_at', None), ('done_at', None)), fields=['due_at'], name='deadline_live_by_due')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('cancelled_at', None), ('done_at', None)), fields=('record_type', 'record_id', 'name'), name='deadline_of_a_name_is_live_once_per_record')],
                },
            ), migrations.CreateModel(
                name='StepTaken',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stream', models.CharField(max_length=80)),
                    ('record_type', models.CharField(max_length=60)),
                    ('record_id', models.BigIntegerField()),
                    ('step', models.CharField(max_length=40)),
                    ('duty', models.CharField(blank=True, max_length=40)),
                    ('source', models.CharField(max_length=30)),
                    ('target', models.CharField(max_length=30)),
                    ('at', models.DateTimeField()),
                    ('key', models.CharField(blank=True, max_length=120)),
                    ('inputs_sha256', models.CharField(blank=True, max_length=64)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('on_behalf_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['stream', 'duty'], name='workflow_st_stream_a5b906_idx'), models.Index(fields=['record_type', 'record_id', 'at'], name='workflow_st_record__30d6f7_idx')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('record_type', 'record_id', 'step', 'key'), name='step_with_a_key_is_taken_once')],
                },
            )],
        ),
    ]
