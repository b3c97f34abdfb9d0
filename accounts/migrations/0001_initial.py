import audit.tables
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        audit.tables.CreateTables(
            operations=[migrations.CreateModel(
                name='DemoMarker',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('marked_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='demo_marker_is_the_only_one')],
                },
            ), migrations.CreateModel(
                name='Person',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('email', models.EmailField(max_length=254, unique=True)),
                    ('name', models.CharField(max_length=150)),
                    ('is_active', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='person_email_is_unique_whatever_its_case')],
                },
            ), migrations.CreateModel(
                name='Organisation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=250)),
                    ('kind', models.CharField(choices=[('company', 'Company'), ('funder', 'Funder'), ('delivery_body', 'Delivery body')], max_length=20)),
                    ('palette', models.CharField(default='harbour', max_length=20)),
                    ('typeface', models.CharField(default='source', max_length=20)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['company', 'funder', 'delivery_body'])), name='organisation_kind_is_known'), models.CheckConstraint(condition=models.Q(('palette__in', ['harbour', 'orchard', 'plum', 'brick', 'slate']), ('typeface__in', ['source', 'system', 'clear'])), name='organisation_look_is_a_vetted_one')],
                },
            ), migrations.CreateModel(
                name='RoleAssignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(choices=[('owner', 'Owner'), ('member', 'Team member'), ('finance_contact', 'Finance contact'), ('signatory', 'Authorised signatory'), ('assessor', 'Assessor'), ('panel_member', 'Panel member'), ('chair', 'Panel chair'), ('officer', 'Programme officer'), ('lead', 'Programme lead'), ('monitor', 'Monitoring officer'), ('finance', 'Finance officer'), ('independent_approver', 'Independent approver'), ('funder', 'Funder'), ('auditor', 'Auditor'), ('admin', 'Administrator'), ('system', 'The system')], max_length=30)),
                    ('scope', models.CharField(max_length=80)),
                    ('starts_at', models.DateTimeField()),
                    ('ends_at', models.DateTimeField(blank=True, null=True)),
                    ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_assignments', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['scope', 'role'], name='accounts_ro_scope_0c1089_idx')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at', None)), fields=('person', 'role', 'scope'), name='role_is_held_once_at_a_time'), models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='role_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(models.Q(('granted_by', models.F('person')), _negated=True), ('role__in', ['finance_contact', 'member', 'owner', 'signatory', 'system']), _connector='OR'), name='role_is_not_granted_to_oneself')],
                },
            ), migrations.CreateModel(
                name='RoleGrant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(choices=[('owner', 'Owner'), ('member', 'Team member'), ('finance_contact', 'Finance contact'), ('signatory', 'Authorised signatory'), ('assessor', 'Assessor'), ('panel_member', 'Panel member'), ('chair', 'Panel chair'), ('officer', 'Programme officer'), ('lead', 'Programme lead'), ('monitor', 'Monitoring officer'), ('finance', 'Finance officer'), ('independent_approver', 'Independent approver'), ('funder', 'Funder'), ('auditor', 'Auditor'), ('admin', 'Administrator'), ('system', 'The system')], max_length=30)),
                    ('scope', models.CharField(max_length=80)),
                    ('reason', models.CharField(blank=True, max_length=500)),
                    ('proposed_at', models.DateTimeField()),
                    ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                    ('refused_at', models.DateTimeField(blank=True, null=True)),
                    ('assignment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grant', to='accounts.roleassignment')),
                    ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_grants', to=settings.AUTH_USER_MODEL)),
                    ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('refused_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('from_at', models.DateTimeField(blank=True, null=True)),
                    ('until_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), _connector='OR'), name='role_grant_has_confirmed_at_with_confirmed_by'), models.CheckConstraint(condition=models.Q(models.Q(('refused_at__isnull', False), ('refused_by__isnull', False)), models.Q(('refused_at__isnull', True), ('refused_by__isnull', True)), _connector='OR'), name='role_grant_has_refused_at_with_refused_by'), models.CheckConstraint(condition=models.Q(models.Q(('assignment__isnull', False), ('confirmed_at__isnull', False)), models.Q(('assignment__isnull', True), ('confirmed_at__isnull', True)), _connector='OR'), name='role_grant_has_confirmed_at_with_assignment'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('refused_at', None), _connector='OR'), name='role_grant_is_confirmed_or_refused'), models.CheckConstraint(condition=models.Q(('proposed_by', models.F('person')), _negated=True), name='role_grant_is_not_proposed_for_oneself'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), models.Q(('confirmed_by', models.F('person')), _negated=True)), _connector='OR'), name='role_grant_is_confirmed_by_somebody_else'), models.UniqueConstraint(condition=models.Q(('confirmed_at', None), ('refused_at', None)), fields=('person', 'role', 'scope'), name='role_grant_waits_once'), models.CheckConstraint(condition=models.Q(('until_at', None), ('from_at', None), ('until_at__gt', models.F('from_at')), _connector='OR'), name='role_grant_ends_after_it_begins')],
                },
            ), migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.EmailField(max_length=254)),
                    ('role', models.CharField(choices=[('owner', 'Owner'), ('member', 'Team member'), ('finance_contact', 'Finance contact'), ('signatory', 'Authorised signatory'), ('assessor', 'Assessor'), ('panel_member', 'Panel member'), ('chair', 'Panel chair'), ('officer', 'Programme officer'), ('lead', 'Programme lead'), ('monitor', 'Monitoring officer'), ('finance', 'Finance officer'), ('independent_approver', 'Independent approver'), ('funder', 'Funder'), ('auditor', 'Auditor'), ('admin', 'Administrator'), ('system', 'The system')], max_length=30)),
                    ('scope', models.CharField(max_length=80)),
                    ('token_sha256', models.CharField(max_length=64, unique=True)),
                    ('invited_at', models.DateTimeField()),
                    ('sent_at', models.DateTimeField()),
                    ('times_sent', models.PositiveSmallIntegerField(default=1)),
                    ('expires_at', models.DateTimeField()),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                    ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations_accepted', to=settings.AUTH_USER_MODEL)),
                    ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), _connector='OR'), name='invitation_has_accepted_at_with_accepted_by'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True)), _connector='OR'), name='invitation_has_withdrawn_at_with_withdrawn_by'), models.CheckConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None), _connector='OR'), name='invitation_is_accepted_or_withdrawn'), models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), fields=('email', 'role', 'scope'), name='invitation_waits_once')],
                },
            ), migrations.CreateModel(
                name='ApiKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=100)),
                    ('prefix', models.CharField(max_length=16, unique=True)),
                    ('key_sha256', models.CharField(max_length=64, unique=True)),
                    ('scopes', models.JSONField(default=list)),
                    ('is_test', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField()),
                    ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                    ('starts_at', models.DateTimeField(blank=True, null=True)),
                    ('expires_at', models.DateTimeField()),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('last_used_at', models.DateTimeField(blank=True, null=True)),
                    ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('organisation', models.ForeignKey(limit_choices_to={'kind': 'funder'}, on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='accounts.organisation')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), _connector='OR'), name='api_key_has_confirmed_at_with_confirmed_by'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), _connector='OR'), name='api_key_has_revoked_at_with_revoked_by'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('starts_at__isnull', False)), models.Q(('confirmed_at__isnull', True), ('starts_at__isnull', True)), _connector='OR'), name='api_key_has_confirmed_at_with_starts_at'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('created_by')), _negated=True), _connector='OR'), name='api_key_is_confirmed_by_somebody_else'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='api_key_expires_after_it_was_created')],
                },
            ), migrations.CreateModel(
                name='TimeAway',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first_on', models.DateField()),
                    ('last_on', models.DateField()),
                    ('entered_at', models.DateTimeField()),
                    ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='times_away', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['last_on'], name='accounts_ti_last_on_d18d6f_idx')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='time_away_ends_after_it_begins')],
                },
            )],
        ),
    ]
