import audit.tables
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        audit.tables.CreateTables(
            operations=[migrations.CreateModel(
                name='SigningKey',
                fields=[
                    ('fingerprint', models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ('public_key', models.CharField(max_length=64)),
                    ('first_used_at', models.DateTimeField()),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='Checkpoint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('size', models.BigIntegerField()),
                    ('root', models.CharField(max_length=64)),
                    ('previous', models.CharField(help_text='SHA-256 of the body of the checkpoint before', max_length=64)),
                    ('at', models.DateTimeField()),
                    ('body', models.BinaryField()),
                    ('signature', models.CharField(max_length=128)),
                    ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='audit.signingkey')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('previous',), name='checkpoint_follows_another_alone')],
                },
            ), migrations.CreateModel(
                name='Event',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stream', models.CharField(max_length=80)),
                    ('sequence', models.PositiveIntegerField()),
                    ('at', models.DateTimeField()),
                    ('kind', models.CharField(max_length=80)),
                    ('actor', models.BigIntegerField(null=True)),
                    ('on_behalf_of', models.BigIntegerField(null=True)),
                    ('role', models.CharField(blank=True, max_length=40)),
                    ('subject', models.CharField(blank=True, max_length=120)),
                    ('request_id', models.CharField(blank=True, max_length=64)),
                    ('body', models.BinaryField()),
                    ('hash', models.CharField(max_length=64)),
                ],
                options={
                    'indexes': [models.Index(fields=['at'], name='audit_event_at_34ce9a_idx'), models.Index(fields=['kind', 'at'], name='audit_event_kind_ec28c4_idx'), models.Index(fields=['subject'], name='audit_event_subject_306e9b_idx')],
                    'constraints': [models.UniqueConstraint(fields=('stream', 'sequence'), name='event_has_its_own_place_in_its_stream'), models.CheckConstraint(condition=models.Q(('sequence__gte', 1)), name='event_sequence_starts_at_one')],
                },
            ), migrations.CreateModel(
                name='PersonalValue',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('path', models.CharField(max_length=80)),
                    ('value', models.TextField(help_text='Canonical JSON')),
                    ('salt', models.BinaryField(max_length=32)),
                    ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='personal_values', to='audit.event')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('event', 'path'), name='personal_value_is_kept_once')],
                },
            ), migrations.CreateModel(
                name='Position',
                fields=[
                    ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('event_hash', models.CharField(max_length=64)),
                    ('sealed_at', models.DateTimeField()),
                    ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='position', to='audit.event')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='position_starts_at_one')],
                },
            ), migrations.CreateModel(
                name='StreamHead',
                fields=[
                    ('stream', models.CharField(max_length=80, primary_key=True, serialize=False)),
                    ('sequence', models.PositiveIntegerField()),
                    ('hash', models.CharField(max_length=64)),
                    ('last_at', models.DateTimeField()),
                ],
                options={
                    'indexes': [models.Index(models.OrderBy(models.F('last_at'), descending=True), models.F('stream'), name='stream_by_last_event')],
                },
            ), migrations.CreateModel(
                name='Tile',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('level', models.PositiveSmallIntegerField()),
                    ('index', models.BigIntegerField()),
                    ('root', models.CharField(max_length=64)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('level', 'index'), name='tile_is_written_once')],
                },
            ), migrations.CreateModel(
                name='Unsealed',
                fields=[
                    ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='audit.event')),
                ],
            )],
        ),
    ]
