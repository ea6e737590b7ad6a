"""For every alert what makes it fire and what must not, as series of promtool: minutes apart, `0+1x60` grows by one for 60 minutes.

`labels` are those of the alert that fires, severity left out. A third case comes by itself: no series at all. Only alerts that are about
absence fire then."""
import dataclasses


@dataclasses.dataclass
class Case:
    fires: dict
    silent: dict
    at: str = '30m'
    labels: dict = dataclasses.field(default_factory=dict)
    fires_when_absent: bool = False


def answers(failing, fine, status='500'):
    return {f'renxin_http_requests_total{{job="gateway",status="{status}",route="/v1/staff"}}': f'0+{failing}x600',
            'renxin_http_requests_total{job="gateway",status="200",route="/v1/staff"}': f'0+{fine}x600'}


def histogram(name, labels, below, above, bound, minutes=60):
    """A histogram in which `below` requests a minute are faster than `bound` and `above` slower."""
    return {f'{name}_bucket{{{labels},le="{bound}"}}': f'0+{below}x{minutes}', f'{name}_bucket{{{labels},le="10"}}': f'0+{below + above}x{minutes}',
            f'{name}_bucket{{{labels},le="+Inf"}}': f'0+{below + above}x{minutes}'}


def begins(series, value=1, after=20):
    """A counter whose first event comes late: before it there is no series."""
    return {series: f'_x{after} {value}x100'}


def seconds(series, from_now, at_minutes):
    """A gauge that holds a time: so many seconds from the moment of the look."""
    return {series: f'{at_minutes * 60 + from_now}x{at_minutes}'}


GATEWAY = {
    'GatewayDown': Case({'up{job="gateway",pod="a"}': '0x60', 'up{job="gateway",pod="b"}': '0x60'},
                        {'up{job="gateway",pod="a"}': '0x60', 'up{job="gateway",pod="b"}': '1x60'}, fires_when_absent=True),
    'ErrorBudgetFastBurn': Case(answers(3, 97), answers(1, 99), at='2h'),
    'ErrorBudgetSlowBurn': Case(answers(1, 99), answers(1, 999), at='8h'),
    'GatewaySlow': Case(histogram('renxin_http_request_seconds', 'job="gateway",route="/v1/staff"', 90, 10, '0.5'),
                        {**histogram('renxin_http_request_seconds', 'job="gateway",route="/v1/staff"', 1000, 1, '0.5'),
                         **histogram('renxin_http_request_seconds', 'job="gateway",route="/v1/live"', 0, 100, '0.5')}),
    'SignInsRefused': Case({'renxin_http_requests_total{method="POST",route="/v1/sessions",status="401"}': '0+10x60'},
                           {'renxin_http_requests_total{method="POST",route="/v1/sessions",status="401"}': '0+1x60',
                            'renxin_http_requests_total{method="GET",route="/v1/staff",status="401"}': '0+100x60'}),
    'RefreshTokensReused': Case({'renxin_refresh_tokens_reused_total{job="identity"}': '0+1x60'},
                                {'renxin_refresh_tokens_reused_total{job="identity"}': '0x20 1x40'}),
    'ConnectionsNearLimit': Case({'renxin_gateway_connections{pod="a"}': '1000x60'},
                                 {'renxin_gateway_connections{pod="a"}': '500x60', 'renxin_gateway_connections{pod="b"}': '500x60'}, labels={'pod': 'a'}),
    'ConnectionsRefused': Case({'renxin_gateway_connections_refused_total': '0+60x60'}, {'renxin_gateway_connections_refused_total': '0+1x60'}),
    'LiveSocketsRefused': Case({'renxin_live_sockets_refused_total': '0+2x60'}, {'renxin_live_sockets_refused_total': '5x60'}),
    'LiveSocketsClosed': Case({'renxin_live_sockets_closed_total{code="4008"}': '0+10x60'}, {'renxin_live_sockets_closed_total{code="1000"}': '0+100x60'},
                              labels={'code': '4008'}),
}

DEAD_LETTERS = 'renxin_dead_letters_total{job="leads",consumer="leads_roster"}'
SERVICES = {
    'ServiceDown': Case({'kube_deployment_status_replicas_available{namespace="renxin",deployment="leads"}': '0x60'},
                        {'kube_deployment_status_replicas_available{namespace="renxin",deployment="leads"}': '1x60',
                         'kube_deployment_status_replicas_available{namespace="other",deployment="leads"}': '0x60'},
                        labels={'namespace': 'renxin', 'deployment': 'leads'}),
    'ServiceSlow': Case(histogram('renxin_request_seconds', 'job="leads"', 90, 10, '1'), histogram('renxin_request_seconds', 'job="leads"', 1000, 1, '1'),
                        labels={'job': 'leads'}),
    'EventsNotPublished': Case({'renxin_relay_errors_total{job="leads"}': '0+10x60'}, {'renxin_relay_errors_total{job="leads"}': '0x10 3x50'},
                               labels={'job': 'leads'}),
    'DeadLetters': Case(begins(DEAD_LETTERS, after=80), {DEAD_LETTERS: '7x120'}, at='90m', labels={'job': 'leads', 'consumer': 'leads_roster'}),
    'StreamReset': Case(begins('renxin_consumer_stream_resets_total{job="leads",consumer="c"}', after=80),
                        {'renxin_consumer_stream_resets_total{job="leads",consumer="c"}': '1x200'}, at='90m', labels={'job': 'leads', 'consumer': 'c'}),
    'TimersFailing': Case(begins('renxin_timer_failures_total{job="leads",kind="k"}', 5), begins('renxin_timer_failures_total{job="leads",kind="k"}', 2),
                          at='50m', labels={'job': 'leads', 'kind': 'k'}),
    'TimersOverdue': Case({'renxin_timers_overdue_seconds{job="membership",kind="points_expiry"}': '700x60'},
                          {'renxin_timers_overdue_seconds{job="membership",kind="points_expiry"}': '700x8 0x60'},
                          labels={'job': 'membership', 'kind': 'points_expiry'}),
    'TimersGivenUp': Case(begins('renxin_timers_given_up_total{job="leads",kind="k"}', after=80), {'renxin_timers_given_up_total{job="leads",kind="k"}': '2x200'},
                          at='90m', labels={'job': 'leads', 'kind': 'k'}),
    'MaintenanceOverdue': Case({'renxin_maintenance_overdue_seconds{job="leads",what="inbox",pod="a"}': '90000x300',
                                'renxin_maintenance_overdue_seconds{job="leads",what="inbox",pod="b"}': '90000x300'},
                               {'renxin_maintenance_overdue_seconds{job="leads",what="inbox",pod="a"}': '90000x300',
                                'renxin_maintenance_overdue_seconds{job="leads",what="inbox",pod="b"}': '0x300'},
                               at='4h', labels={'job': 'leads', 'what': 'inbox'}),
    'OutboundJobsFailing': Case({'renxin_work_failures_total{job="notifications",kind="send"}': '0+1x60'},
                                {'renxin_work_failures_total{job="notifications",kind="send"}': '0x10 1x50'}, at='50m',
                                labels={'job': 'notifications', 'kind': 'send'}),
    'OperationsRetrying': Case({'renxin_operation_failures_total{job="leads",type="import"}': '0+1x60'},
                               {'renxin_operation_failures_total{job="leads",type="import"}': '0x10 2x50'}, at='50m',
                               labels={'job': 'leads', 'type': 'import'}),
    'OperationFailed': Case(begins('renxin_operations_ended_total{job="leads",type="import",how="failed"}'),
                            begins('renxin_operations_ended_total{job="leads",type="import",how="done"}'), labels={'job': 'leads', 'type': 'import'}),
    'UnreadableRows': Case(begins('renxin_unreadable_rows_total{job="leads",table="customers"}', after=80),
                           {'renxin_unreadable_rows_total{job="leads",table="customers"}': '3x200'}, at='90m', labels={'job': 'leads', 'table': 'customers'}),
    'NatsErrors': Case({'renxin_nats_errors_total{job="leads",status="Not Permitted"}': '0+5x60'},
                       {'renxin_nats_errors_total{job="leads",status="Not Permitted"}': '0x10 2x50'}, labels={'job': 'leads', 'status': 'Not Permitted'}),
}

MESSAGES = {
    'MessagesHeld': Case(begins('renxin_messages_total{state="held"}'), begins('renxin_messages_total{state="delivered"}', 50), labels={'state': 'held'}),
    'MessagesFailing': Case({'renxin_messages_total{state="failed"}': '0+1x90', 'renxin_messages_total{state="accepted"}': '0+5x90'},
                            {'renxin_messages_total{state="failed"}': '0+1x90', 'renxin_messages_total{state="accepted"}': '0+50x90'}, at='80m'),
    'MessagesDeferredByBreaker': Case({'renxin_messages_deferred_total{why="N3: the breaker is open"}': '0+10x60'},
                                      {'renxin_messages_deferred_total{why="N3: quiet hours"}': '0+10x60'}),
}

LIMIT = 'kube_pod_container_resource_limits{namespace="renxin",resource="memory",pod="leads-1",container="service"}'
USED = 'container_memory_working_set_bytes{namespace="renxin",pod="leads-1",container="service"}'
AVAILABLE, CAPACITY = (f'kubelet_volume_stats_{what}_bytes{{namespace="renxin",persistentvolumeclaim="data"}}' for what in ('available', 'capacity'))
CLAIM = {'namespace': 'renxin', 'persistentvolumeclaim': 'data'}
CERTIFICATE = 'certmanager_certificate_expiration_timestamp_seconds{name="gateway"}'
DAY = 86400


def nodes(ready, wanted):
    return {'kube_statefulset_status_replicas_ready{namespace="renxin",statefulset="nats"}': f'{ready}x60',
            'kube_statefulset_replicas{namespace="renxin",statefulset="nats"}': f'{wanted}x60'}


BROKER = {'namespace': 'renxin', 'statefulset': 'nats'}
CLUSTER = {
    'NatsNoQuorum': Case(nodes(1, 3), nodes(2, 3), labels=BROKER),
    'NatsNodeMissing': Case(nodes(2, 3), nodes(3, 3), labels=BROKER),
    'PodNotScraped': Case({'up{namespace="renxin",job="leads",pod="leads-1"}': '0x60'}, {'up{namespace="renxin",job="leads",pod="leads-1"}': '0x5 1x55'},
                          labels={'namespace': 'renxin', 'job': 'leads', 'pod': 'leads-1'}),
    'PodRestarts': Case({'kube_pod_container_status_restarts_total{namespace="renxin",pod="leads-1",container="service"}': '0+1x90'},
                        {'kube_pod_container_status_restarts_total{namespace="renxin",pod="leads-1",container="service"}': '0x10 1x80'}, at='70m',
                        labels={'pod': 'leads-1', 'container': 'service'}),
    'RolloutStuck': Case({'kube_deployment_status_replicas_unavailable{namespace="renxin",deployment="leads"}': '1x60'},
                         {'kube_deployment_status_replicas_unavailable{namespace="renxin",deployment="leads"}': '0x10 1x5 0x45'},
                         labels={'namespace': 'renxin', 'deployment': 'leads'}),
    'JobFailed': Case({'kube_job_status_failed{namespace="renxin",job_name="leads-migrate"}': '1x60'},
                      {'kube_job_status_failed{namespace="renxin",job_name="leads-migrate"}': '0x60'},
                      labels={'namespace': 'renxin', 'job_name': 'leads-migrate'}),
    'MemoryNearLimit': Case({USED: '120x60', LIMIT: '128x60'}, {USED: '64x60', LIMIT: '128x60'}, labels={'pod': 'leads-1', 'container': 'service'}),
    'VolumeAlmostFull': Case({AVAILABLE: '5x60', CAPACITY: '100x60'}, {AVAILABLE: '20x60', CAPACITY: '100x60'}, labels=CLAIM),
    'VolumeFillsUp': Case({AVAILABLE: '4000-5x600', CAPACITY: '10000x600'}, {AVAILABLE: '4000-1x600', CAPACITY: '10000x600'}, at='8h', labels=CLAIM),
    'CertificateExpiresSoon': Case(seconds(CERTIFICATE, 20 * DAY, 120), seconds(CERTIFICATE, 60 * DAY, 120), at='2h', labels={'name': 'gateway'}),
    'CertificateExpires': Case(seconds(CERTIFICATE, 2 * DAY, 120), seconds(CERTIFICATE, 5 * DAY, 120), at='2h', labels={'name': 'gateway'}),
    'BackupOld': Case({'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{pod="postgres-1"}': '0x2000'},
                      {'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{pod="postgres-1"}': '60x2000',
                       'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{pod="postgres-2"}': '36000x2000'}, at='27h'),
}

CASES = GATEWAY | SERVICES | MESSAGES | CLUSTER
