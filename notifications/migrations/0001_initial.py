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
                name='FailingAddress',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('address', models.CharField(max_length=254)),
                    ('status', models.CharField(blank=True, max_length=12)),
                    ('said', models.CharField(blank=True, max_length=300)),
                    ('failed_at', models.DateTimeField()),
                    ('times', models.PositiveIntegerField(default=1)),
                    ('cleared_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'verbose_name_plural': 'failing addresses',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at', None)), fields=('address',), name='address_fails_once_at_a_time'), models.CheckConstraint(condition=models.Q(('address', ''), _negated=True), name='failing_address_is_named')],
                },
            ), migrations.CreateModel(
                name='MailChoice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('how', models.CharField(choices=[('at_once', 'As it happens'), ('digest', 'Once a day, in one email in the morning')], default='at_once', max_length=10)),
                    ('chosen_at', models.DateTimeField()),
                    ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mail_choice', to=settings.AUTH_USER_MODEL)),
                ],
            ), migrations.CreateModel(
                name='OutboxMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=60)),
                    ('key', models.CharField(max_length=160, unique=True)),
                    ('payload', models.JSONField(default=dict)),
                    ('created_at', models.DateTimeField()),
                    ('available_at', models.DateTimeField()),
                    ('locked_until', models.DateTimeField(blank=True, null=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('last_error', models.CharField(blank=True, max_length=300)),
                    ('mail_id', models.CharField(blank=True, max_length=32)),
                    ('done_at', models.DateTimeField(blank=True, null=True)),
                    ('given_up_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('done_at', None), ('given_up_at', None)), fields=['available_at', 'id'], name='outbox_waiting_by_available'), models.Index(condition=models.Q(('mail_id', ''), _negated=True), fields=['mail_id'], name='outbox_by_mail')],
                },
            ), migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=60)),
                    ('stream', models.CharField(blank=True, max_length=80)),
                    ('subject', models.CharField(max_length=200)),
                    ('body', models.TextField()),
                    ('path', models.CharField(blank=True, max_length=200)),
                    ('is_urgent', models.BooleanField(default=False)),
                    ('waits_for_digest', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField()),
                    ('read_at', models.DateTimeField(blank=True, null=True)),
                    ('sent_at', models.DateTimeField(blank=True, null=True)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['person', '-created_at'], name='notificatio_person__f87faa_idx'), models.Index(condition=models.Q(('sent_at', None), ('waits_for_digest', True)), fields=['person', 'id'], name='notice_waiting_for_digest')],
                },
            )],
        ),
    ]
