import accounts.encryption
import audit.tables
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
    ]

    operations = [
        audit.tables.CreateTables(
            operations=[migrations.CreateModel(
                name='DocumentText',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sha256', models.CharField(max_length=64, unique=True)),
                    ('text', models.TextField()),
                ],
            ), migrations.CreateModel(
                name='Programme',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', django_fsm.FSMField(choices=[('draft', 'Draft'), ('published', 'Published'), ('monitoring', 'Monitoring'), ('archived', 'Archived')], default='draft', max_length=30, protected=True)),
                    ('slug', models.SlugField(max_length=40, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('strand', models.CharField(max_length=40)),
                    ('control_mode', models.CharField(choices=[('small_team', 'Small team'), ('standard', 'Standard')], default='small_team', max_length=20)),
                    ('created_at', models.DateTimeField()),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('delivery_body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programmes_delivered', to='accounts.organisation')),
                    ('funder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programmes_funded', to='accounts.organisation')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('control_mode__in', ['small_team', 'standard'])), name='programme_control_is_known'), models.CheckConstraint(condition=models.Q(('slug', ''), _negated=True), name='programme_has_a_slug')],
                },
                bases=(django_fsm.FSMModelMixin, models.Model),
            ), migrations.CreateModel(
                name='ProgrammeVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', django_fsm.FSMField(choices=[('draft', 'Draft'), ('prepared', 'Waiting for publication'), ('published', 'Published'), ('set_aside', 'Set aside')], default='draft', max_length=30, protected=True)),
                    ('prepared_at', models.DateTimeField(blank=True, null=True)),
                    ('published_at', models.DateTimeField(blank=True, null=True)),
                    ('number', models.PositiveIntegerField()),
                    ('text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='grants.documenttext')),
                    ('sha256', models.CharField(max_length=64)),
                    ('created_at', models.DateTimeField()),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('prepared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='grants.programme')),
                    ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('edited_at', models.DateTimeField(blank=True, null=True)),
                    ('edited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('programme', 'number'), name='programme_version_number_is_used_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='programme_version_number_starts_at_one'), models.CheckConstraint(condition=models.Q(models.Q(('prepared_at__isnull', False), ('prepared_by__isnull', False)), models.Q(('prepared_at__isnull', True), ('prepared_by__isnull', True)), _connector='OR'), name='programme_version_has_prepared_at_with_prepared_by'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', False), ('published_by__isnull', False)), models.Q(('published_at__isnull', True), ('published_by__isnull', True)), _connector='OR'), name='programme_version_has_published_at_with_published_by'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='programme_version_published_has_date'), models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(('published_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='programme_version_published_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('edited_at__isnull', False), ('edited_by__isnull', False)), models.Q(('edited_at__isnull', True), ('edited_by__isnull', True)), _connector='OR'), name='programme_version_has_edited_at_with_edited_by'), models.CheckConstraint(condition=models.Q(('edited_at__isnull', True), ('published_at__isnull', True), ('published_at__gte', models.F('edited_at')), _connector='OR'), name='programme_version_published_is_not_edited')],
                },
                bases=(django_fsm.FSMModelMixin, models.Model),
            ), migrations.CreateModel(
                name='Round',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', django_fsm.FSMField(choices=[('scheduled', 'Scheduled'), ('open', 'Open'), ('paused', 'Paused'), ('closed', 'Closed'), ('decided', 'Decided'), ('announced', 'Announced'), ('cancelled', 'Cancelled')], default='scheduled', max_length=30, protected=True)),
                    ('opened_at', models.DateTimeField(blank=True, null=True)),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('reference', models.CharField(max_length=50, unique=True)),
                    ('title', models.CharField(max_length=120)),
                    ('opens_at', models.DateTimeField()),
                    ('closes_at', models.DateTimeField()),
                    ('created_at', models.DateTimeField()),
                    ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='grants.programme')),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='grants.programmeversion')),
                    ('most_applications', models.PositiveIntegerField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['state', 'closes_at'], name='grants_roun_state_1e7b02_idx')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('closes_at__gte', models.F('opens_at'))), name='round_closes_after_it_opens'), models.CheckConstraint(condition=models.Q(models.Q(('opened_at__isnull', False), ('opened_by__isnull', False)), models.Q(('opened_at__isnull', True), ('opened_by__isnull', True)), _connector='OR'), name='round_has_opened_at_with_opened_by'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='round_has_closed_at_with_closed_by'), models.CheckConstraint(condition=models.Q(('state__in', ['scheduled', 'cancelled']), ('opened_at__isnull', False), _connector='OR'), name='round_running_was_opened'), models.CheckConstraint(condition=models.Q(('most_applications', None), ('most_applications__gte', 1), _connector='OR'), name='round_takes_at_least_one_application')],
                },
                bases=(django_fsm.FSMModelMixin, models.Model),
            ), migrations.CreateModel(
                name='Budget',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('amount_pence', models.BigIntegerField()),
                    ('committed_pence', models.BigIntegerField(default=0)),
                    ('paid_pence', models.BigIntegerField(default=0)),
                    ('over_committed', models.BooleanField(default=False)),
                    ('round', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='budget', to='grants.round')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('amount_pence__gte', 0)), name='budget_amount_is_not_negative'), models.CheckConstraint(condition=models.Q(('committed_pence__gte', 0)), name='budget_committed_is_not_negative'), models.CheckConstraint(condition=models.Q(('paid_pence__gte', 0)), name='budget_paid_is_not_negative'), models.CheckConstraint(condition=models.Q(('over_committed', True), ('committed_pence__lte', models.F('amount_pence')), _connector='OR'), name='budget_is_not_overcommitted_unsaid')],
                },
            ), migrations.CreateModel(
                name='SectionTask',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('section', models.CharField(max_length=20)),
                    ('ready_at', models.DateTimeField(blank=True, null=True)),
                    ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ready_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='section_tasks', to='grants.programmeversion')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('version', 'section'), name='section_task_is_given_once'), models.CheckConstraint(condition=models.Q(models.Q(('ready_at__isnull', False), ('ready_by__isnull', False)), models.Q(('ready_at__isnull', True), ('ready_by__isnull', True)), _connector='OR'), name='section_task_has_ready_at_with_ready_by')],
                },
            ), migrations.CreateModel(
                name='ExampleCompany',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('given', models.JSONField()),
                    ('created_at', models.DateTimeField()),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='examples', to='grants.programme')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('programme', 'name'), name='example_company_name_is_used_once')],
                },
            ), migrations.CreateModel(
                name='Correction',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', django_fsm.FSMField(choices=[('proposed', 'Waits for a second person'), ('applied', 'Applied'), ('declined', 'Declined')], default='proposed', max_length=30, protected=True)),
                    ('decided_at', models.DateTimeField(blank=True, null=True)),
                    ('reason', models.TextField()),
                    ('proposed_at', models.DateTimeField()),
                    ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='grants.round')),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grants.programmeversion')),
                    ('version_before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grants.programmeversion')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), _connector='OR'), name='correction_has_decided_at_with_decided_by'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='correction_has_a_reason'), models.CheckConstraint(condition=models.Q(('version', models.F('version_before')), _negated=True), name='correction_changes_the_version'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'applied'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='correction_is_applied_by_another'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('round',), name='round_waits_for_one_correction')],
                },
                bases=(django_fsm.FSMModelMixin, models.Model),
            ), migrations.CreateModel(
                name='RequirementNote',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('requirement', models.PositiveSmallIntegerField()),
                    ('verdict', models.CharField(choices=[('met', 'It is met'), ('not_yet', 'Not yet'), ('explained', 'We do otherwise, for this reason')], max_length=10)),
                    ('note', models.TextField()),
                    ('noted_at', models.DateTimeField()),
                    ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requirement_notes', to='grants.programme')),
                ],
                options={
                    'indexes': [models.Index(fields=['programme', 'requirement', '-id'], name='grants_requ_program_abf2b7_idx')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('requirement__gte', 1), ('requirement__lte', 10)), name='requirement_note_names_one_of_ten'), models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='requirement_note_says_something'), models.CheckConstraint(condition=models.Q(('verdict__in', ['met', 'not_yet', 'explained'])), name='requirement_note_verdict_is_known')],
                },
            ), migrations.CreateModel(
                name='RoundChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('extended', 'Deadline moved'), ('closed_early', 'Closed early'), ('paused', 'Paused'), ('resumed', 'Taken up again'), ('cancelled', 'Cancelled'), ('places', 'Takes another number of applications'), ('rescheduled', 'Other dates')], max_length=12)),
                    ('reason', models.TextField(blank=True)),
                    ('closes_before', models.DateTimeField()),
                    ('closes_after', models.DateTimeField()),
                    ('opens_before', models.DateTimeField(blank=True, null=True)),
                    ('opens_after', models.DateTimeField(blank=True, null=True)),
                    ('reopens_forms', models.BooleanField(default=False)),
                    ('takes_before', models.PositiveIntegerField(blank=True, null=True)),
                    ('takes_after', models.PositiveIntegerField(blank=True, null=True)),
                    ('made_at', models.DateTimeField()),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='grants.round')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('kind', 'resumed'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='round_change_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'extended'), _negated=True), ('closes_after__gt', models.F('closes_before')), _connector='OR'), name='round_extension_moves_the_deadline_later'), models.CheckConstraint(condition=models.Q(('kind', 'places'), models.Q(('takes_after', None), ('takes_before', None)), _connector='OR'), name='round_change_of_places_says_how_many'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'rescheduled'), ('opens_after__isnull', False), ('opens_before__isnull', False)), models.Q(models.Q(('kind', 'rescheduled'), _negated=True), ('opens_after', None), ('opens_before', None)), _connector='OR'), name='round_change_of_dates_says_which')],
                },
            ), migrations.CreateModel(
                name='KeptAsCopied',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('place', models.CharField(max_length=60)),
                    ('kept_at', models.DateTimeField()),
                    ('kept_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kept_as_copied', to='grants.programme')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('programme', 'place'), name='kept_as_copied_is_said_once'), models.CheckConstraint(condition=models.Q(('place', ''), _negated=True), name='kept_as_copied_names_a_place')],
                },
            ), migrations.CreateModel(
                name='OpeningAlert',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('address', accounts.encryption.EncryptedTextField()),
                    ('blind', models.CharField(max_length=64)),
                    ('asked_at', models.DateTimeField()),
                    ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='grants.programme')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('programme', 'blind'), name='opening_alert_is_once_per_address'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('confirmed_at__gte', models.F('asked_at')), _connector='OR'), name='opening_alert_is_asked_before_confirmed')],
                },
            ), migrations.CreateModel(
                name='Rehearsal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=32, unique=True)),
                    ('given', models.JSONField()),
                    ('asked_at', models.DateTimeField()),
                    ('progress', models.PositiveSmallIntegerField(default=0)),
                    ('doing', models.CharField(blank=True, max_length=80)),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('report', models.JSONField(blank=True, null=True)),
                    ('failure', models.TextField(blank=True)),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rehearsals', to='grants.programme')),
                    ('text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grants.documenttext')),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rehearsals', to='grants.programmeversion')),
                ],
                options={
                    'indexes': [models.Index(fields=['programme', '-id'], name='grants_rehe_program_be0779_idx')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('report__isnull', True)), models.Q(('finished_at__isnull', False), ('report__isnull', False)), _connector='OR'), name='rehearsal_is_finished_with_its_report'), models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='rehearsal_progress_is_a_share')],
                },
            )],
        ),
    ]
