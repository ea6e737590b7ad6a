"""An authority and a certificate of it, for the names and usages of the manifests."""
from base import run

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = renxin test
[ca]
basicConstraints = critical,CA:TRUE
[leaf]
extendedKeyUsage = {usages}
subjectAltName = {names}
"""
USAGES = {'server auth': 'serverAuth', 'client auth': 'clientAuth'}


def make(folder, names, usages=('server auth',)):
    """ca.crt, tls.crt and tls.key in the folder. `names` as openssl writes them: DNS:…, IP:…"""
    config = folder / 'openssl.cnf'
    config.write_text(CONFIG.format(usages=','.join(USAGES[use] for use in usages if use in USAGES), names=','.join(names)), encoding='ascii')
    new_key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-config', config]
    run(['openssl', 'req', '-x509', *new_key, '-extensions', 'ca', '-days', '2', '-keyout', folder / 'ca.key', '-out', folder / 'ca.crt'], what='CA')
    run(['openssl', 'req', '-new', *new_key, '-keyout', folder / 'tls.key', '-out', folder / 'tls.csr'], what='key')
    run(['openssl', 'x509', '-req', '-in', folder / 'tls.csr', '-CA', folder / 'ca.crt', '-CAkey', folder / 'ca.key', '-set_serial', '1',
         '-days', '2', '-extfile', config, '-extensions', 'leaf', '-out', folder / 'tls.crt'], what='certificate')
