"""Passwords, keys and certificates of one instance: made once, kept, readable by the owner alone."""
import secrets
import subprocess

from base import run, write_atomically

CA_DAYS = 3650
LEAF_DAYS = 397
LEAVES = ('gateway', 'nats')
RENEW_SECONDS = 30 * 24 * 3600

OPENSSL_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Renxin {what}
[ca]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost,IP:127.0.0.1
"""
NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']


def private_folder(path):
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def password(path):
    """The password kept in that file; a random one of 192 bits when there is none yet. Hex, so that it
    can stand in a URL, a config file and a form alike."""
    if not path.exists():
        write_atomically(path, secrets.token_hex(24) + '\n', 0o600)
    return path.read_text(encoding='ascii').strip()


def key_file(path):
    """A service's keys: one to seal keys with, one to index by, one to hash requests with."""
    if not path.exists():
        lines = [f'{name} {secrets.token_hex(32)}\n' for name in ('kek k1', 'index', 'hash')]
        write_atomically(path, ''.join(lines), 0o600)
    return path


def still_good(certificate):
    if not certificate.exists():
        return False
    check = subprocess.run(['openssl', 'x509', '-checkend', str(RENEW_SECONDS), '-noout', '-in', str(certificate)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return check.returncode == 0


def certificates(folder):
    """ca.pem, and a certificate and key each of gateway and nats; recreated only when missing or nearly over."""
    private_folder(folder)
    if not still_good(folder / 'ca.pem'):
        make_authority(folder)
        for name in LEAVES:
            (folder / f'{name}.pem').unlink(missing_ok=True)
    for name in LEAVES:
        if not still_good(folder / f'{name}.pem'):
            make_leaf(folder, name)
    return folder


def write_config(folder, what):
    path = folder / 'openssl.cnf'
    path.write_text(OPENSSL_CONFIG.format(what=what), encoding='ascii')
    return path


def make_authority(folder):
    config = write_config(folder, f'development CA {secrets.token_hex(4)}')
    run(['openssl', 'req', '-x509', *NEW_KEY, '-config', config, '-extensions', 'ca', '-days', CA_DAYS,
         '-keyout', folder / 'ca.key', '-out', folder / 'ca.pem'], what='making the certificate authority')
    config.unlink()


def make_leaf(folder, name):
    config = write_config(folder, name)
    request = folder / f'{name}.csr'
    run(['openssl', 'req', '-new', *NEW_KEY, '-config', config,
         '-keyout', folder / f'{name}.key', '-out', request], what=f'making the key of {name}')
    run(['openssl', 'x509', '-req', '-in', request, '-CA', folder / 'ca.pem', '-CAkey', folder / 'ca.key',
         '-set_serial', f'0x{secrets.token_hex(16)}', '-days', LEAF_DAYS, '-extfile', config,
         '-extensions', 'leaf', '-out', folder / f'{name}.pem'], what=f'making the certificate of {name}')
    request.unlink()
    config.unlink()
