import django.db.models.deletion
import django.db.models.expressions
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('applications', '0001_initial'),
        ('workflow', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', django_fsm.FSMField(choices=[('invited', 'Invited'), ('accepted', 'Accepted'), ('submitted', 'Submitted'), ('returned', 'Returned for correction'), ('declined', 'Declined'), ('conflicted', 'Conflict of interest'), ('withdrawn', 'Withdrawn')], default='invited', max_length=30, protected=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('return_reason', models.TextField(blank=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.TextField(blank=True)),
                ('due_at', models.DateTimeField()),
                ('invited_at', models.DateTimeField()),
                ('in_scope', models.BooleanField(blank=True, null=True)),
                ('suitable', models.BooleanField(blank=True, null=True)),
                ('overall_comment', models.TextField(blank=True)),
                ('saved_at', models.DateTimeField(blank=True, null=True)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('total_numerator', models.BigIntegerField(blank=True, null=True)),
                ('total_denominator', models.BigIntegerField(blank=True, null=True)),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='applications.application')),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='workflow.case')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('returned_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('saved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['assessor', 'state', 'due_at', 'id'], name='assessment_queue'), models.Index(fields=['application', 'state'], name='assessment_of_application')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['invited', 'accepted', 'returned', 'submitted'])), fields=('application', 'assessor'), name='assessor_reviews_an_application_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), _connector='OR'), name='assessment_has_accepted_at_with_accepted_by'), models.CheckConstraint(condition=models.Q(models.Q(('submitted_at__isnull', False), ('submitted_by__isnull', False)), models.Q(('submitted_at__isnull', True), ('submitted_by__isnull', True)), _connector='OR'), name='assessment_has_submitted_at_with_submitted_by'), models.CheckConstraint(condition=models.Q(models.Q(('returned_at__isnull', False), ('returned_by__isnull', False)), models.Q(('returned_at__isnull', True), ('returned_by__isnull', True)), _connector='OR'), name='assessment_has_returned_at_with_returned_by'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), _connector='OR'), name='assessment_has_ended_at_with_ended_by'), models.CheckConstraint(condition=models.Q(models.Q(('saved_at__isnull', False), ('saved_by__isnull', False)), models.Q(('saved_at__isnull', True), ('saved_by__isnull', True)), _connector='OR'), name='assessment_has_saved_at_with_saved_by'), models.CheckConstraint(condition=models.Q(models.Q(('total_denominator__isnull', False), ('total_numerator__isnull', False)), models.Q(('total_denominator__isnull', True), ('total_numerator__isnull', True)), _connector='OR'), name='assessment_has_total_numerator_with_total_denominator'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'submitted'), _negated=True), models.Q(('in_scope__isnull', False), ('submitted_at__isnull', False), ('suitable__isnull', False), ('total_numerator__isnull', False)), _connector='OR'), name='assessment_submitted_has_total_and_answers'), models.CheckConstraint(condition=models.Q(('total_numerator', None), models.Q(('total_denominator__gt', 0), ('total_numerator__gte', 0), ('total_numerator__lte', django.db.models.expressions.CombinedExpression(models.Value(100), '*', models.F('total_denominator')))), _connector='OR'), name='assessment_total_lies_between_0_and_100')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name='AssessorProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topics', models.JSONField(blank=True, default=list)),
                ('expertise', models.TextField(blank=True)),
                ('employer', models.CharField(blank=True, max_length=200)),
                ('employer_number', models.CharField(blank=True, max_length=12)),
                ('interests', models.JSONField(blank=True, default=list)),
                ('languages', models.JSONField(blank=True, default=list)),
                ('postcode', models.CharField(blank=True, max_length=8)),
                ('max_reviews', models.PositiveSmallIntegerField(default=12)),
                ('is_available', models.BooleanField(default=True)),
                ('away_from_on', models.DateField(blank=True, null=True)),
                ('away_until_on', models.DateField(blank=True, null=True)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('agreement_sha256', models.CharField(blank=True, max_length=64)),
                ('inducted_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('inducted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='assessor_profile', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('max_reviews__gte', 1)), name='assessor_may_take_at_least_one_review'), models.CheckConstraint(condition=models.Q(models.Q(('away_from_on__isnull', False), ('away_until_on__isnull', False)), models.Q(('away_from_on__isnull', True), ('away_until_on__isnull', True)), _connector='OR'), name='assessor_has_away_from_on_with_away_until_on'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), models.Q(('agreed_at__isnull', True), ('agreed_by__isnull', True)), _connector='OR'), name='assessor_has_agreed_at_with_agreed_by'), models.CheckConstraint(condition=models.Q(models.Q(('inducted_at__isnull', False), ('inducted_by__isnull', False)), models.Q(('inducted_at__isnull', True), ('inducted_by__isnull', True)), _connector='OR'), name='assessor_has_inducted_at_with_inducted_by'), models.CheckConstraint(condition=models.Q(('away_from_on', None), ('away_until_on__gte', models.F('away_from_on')), _connector='OR'), name='assessor_is_back_after_leaving')],
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('declared', 'Declared'), ('found', 'Found')], max_length=10)),
                ('ground', models.CharField(choices=[('declared', 'Declared by the person'), ('team', 'Belongs to the company'), ('employer', 'Employed by the company'), ('group', "Belongs to the company's group"), ('interest', 'Declared an interest in the company'), ('rival', 'Belongs to another company in the same round'), ('email_domain', 'Shares an e-mail domain with the company'), ('postcode', 'Shares a postcode with the company'), ('shared_people', 'Shares a director or colleague with the company'), ('co_applicant', "Applied together with the company's people within five years"), ('named', 'Named in the application'), ('advised', 'Advised the company')], max_length=20)),
                ('status', models.CharField(choices=[('suggested', 'To be judged'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], max_length=10)),
                ('detail', models.CharField(blank=True, max_length=1000)),
                ('recorded_at', models.DateTimeField()),
                ('judged_at', models.DateTimeField(blank=True, null=True)),
                ('judgement', models.CharField(blank=True, max_length=1000)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='applications.application')),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['application', 'status'], name='assessments_applica_6b932a_idx')],
                'constraints': [models.UniqueConstraint(fields=('person', 'application', 'ground'), name='conflict_is_recorded_once_per_ground'), models.CheckConstraint(condition=models.Q(models.Q(('judged_at__isnull', False), ('judged_by__isnull', False)), models.Q(('judged_at__isnull', True), ('judged_by__isnull', True)), _connector='OR'), name='conflict_has_judged_at_with_judged_by'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'dismissed'), _negated=True), models.Q(('judged_at__isnull', False), models.Q(('judgement', ''), _negated=True)), _connector='OR'), name='conflict_is_dismissed_by_somebody_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'declared'), _negated=True), models.Q(('status', 'suggested'), _negated=True), _connector='OR'), name='declared_conflict_needs_no_judgement')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('approve', 'Approve'), ('reserve', 'Put on the reserve list'), ('decline', 'Decline'), ('hold', 'Put on hold')], max_length=10)),
                ('amount_pence', models.BigIntegerField(default=0)),
                ('reason', models.TextField(blank=True)),
                ('leaves_order', models.BooleanField(default=False)),
                ('is_in_books', models.BooleanField(default=False)),
                ('basis', models.JSONField(default=dict)),
                ('basis_sha256', models.CharField(max_length=64)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.TextField(blank=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='applications.application')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('application',), name='application_has_one_standing_decision'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), _connector='OR'), name='decision_has_decided_at_with_decided_by'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), _connector='OR'), name='decision_has_ended_at_with_ended_by'), models.CheckConstraint(condition=models.Q(models.Q(('amount_pence', 0), ('outcome__in', ['decline', 'hold'])), models.Q(('amount_pence__gt', 0), ('outcome__in', ['approve', 'reserve'])), _connector='OR'), name='decision_has_an_amount_where_money_is_promised'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='decision_is_made_by_a_second_person')],
            },
        ),
        migrations.CreateModel(
            name='FewerReviews',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted', models.PositiveSmallIntegerField()),
                ('reason', models.TextField()),
                ('allowed_at', models.DateTimeField()),
                ('allowed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fewer_reviews', to='applications.application')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('application', 'counted'), name='fewer_reviews_are_allowed_once_per_number'), models.CheckConstraint(condition=models.Q(('counted__gte', 1), models.Q(('reason', ''), _negated=True)), name='fewer_reviews_have_a_number_and_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='InterestDeclaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('statement', models.TextField(blank=True)),
                ('interests', models.JSONField(blank=True, default=list)),
                ('declared_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interest_declarations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'expires_at'], name='assessments_person__d60eb0_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('declared_at'))), name='declaration_expires_later')],
            },
        ),
        migrations.CreateModel(
            name='Moderation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', django_fsm.FSMField(choices=[('open', 'To be settled'), ('exclusion_proposed', 'Exclusion proposed'), ('kept', 'Score kept'), ('excluded', 'Score excluded'), ('extra_assessor', 'Extra assessor asked for'), ('overtaken', 'Overtaken')], default='open', max_length=30, protected=True)),
                ('reason', models.TextField(blank=True)),
                ('proposed_at', models.DateTimeField(blank=True, null=True)),
                ('chair_reason', models.TextField(blank=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('trigger', models.CharField(choices=[('spread', 'Totals lie far apart'), ('outlier', 'One total lies far from the others'), ('split', 'Assessors disagree on the recommendation'), ('question', 'One criterion is marked far from the others'), ('by_hand', 'Opened by an officer')], max_length=20)),
                ('criterion', models.CharField(blank=True, max_length=60)),
                ('sentence', models.TextField()),
                ('settled_on', models.CharField(blank=True, max_length=64)),
                ('results', models.JSONField(blank=True, default=dict)),
                ('earlier', models.JSONField(blank=True, default=list)),
                ('opened_at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='applications.application')),
                ('assessment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='assessments.assessment')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='workflow.case')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['application', 'state'], name='assessments_applica_815bf4_idx'), models.Index(fields=['state', 'opened_at', 'id'], name='assessments_state_3f23ab_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('assessment__isnull', False), models.Q(('trigger', 'by_hand'), _negated=True), models.Q(('state', 'overtaken'), _negated=True)), fields=('application', 'trigger', 'assessment'), name='moderation_item_is_opened_once_per_score'), models.UniqueConstraint(condition=models.Q(('assessment', None), models.Q(('trigger', 'by_hand'), _negated=True), models.Q(('state', 'overtaken'), _negated=True)), fields=('application', 'trigger'), name='moderation_item_is_opened_once_per_application'), models.CheckConstraint(condition=models.Q(models.Q(('proposed_at__isnull', False), ('proposed_by__isnull', False)), models.Q(('proposed_at__isnull', True), ('proposed_by__isnull', True)), _connector='OR'), name='moderation_has_proposed_at_with_proposed_by'), models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', False), ('resolved_by__isnull', False)), models.Q(('resolved_at__isnull', True), ('resolved_by__isnull', True)), _connector='OR'), name='moderation_has_resolved_at_with_resolved_by'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'excluded'), _negated=True), models.Q(('assessment__isnull', False), ('proposed_by__isnull', False), models.Q(('resolved_by', models.F('proposed_by')), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='score_is_excluded_by_two_people_for_a_reason')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name='ReviewPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('document', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('frozen_at', models.DateTimeField()),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='assessments.assessment')),
                ('frozen_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('assessment', 'number'), name='review_paper_number_is_used_once')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('criterion', models.CharField(max_length=60)),
                ('marks', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('comment', models.TextField(blank=True)),
                ('saved_at', models.DateTimeField()),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='assessments.assessment')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('assessment', 'criterion'), name='score_is_one_per_criterion')],
            },
        ),
        migrations.CreateModel(
            name='Advice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=300)),
                ('given_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advice_had', to='applications.company')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advice_given', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'company'], name='assessments_person__66ea18_idx')],
            },
        ),
    ]
