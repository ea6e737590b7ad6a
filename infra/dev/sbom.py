"""What is in an image, as SPDX 2.3, and the licences of it."""
import hashlib
import json
import re

import oci


def identifier(text):
    return 'SPDXRef-' + re.sub(r'[^A-Za-z0-9.-]', '-', text)


def debian(fields, release):
    name, version, architecture = fields['Package'], fields['Version'], fields['Architecture']
    return {'SPDXID': identifier(f'deb-{name}'), 'name': name, 'versionInfo': version, 'supplier': 'Organization: Debian',
            'downloadLocation': 'NOASSERTION', 'filesAnalyzed': False, 'licenseConcluded': 'NOASSERTION', 'licenseDeclared': 'NOASSERTION',
            'copyrightText': 'NOASSERTION', 'comment': f'licence: licences/{name}',
            'externalRefs': [{'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
                              'referenceLocator': f'pkg:deb/debian/{name}@{version}?arch={architecture}&distro={release}'}]}


def npm(name, entry):
    return {'SPDXID': identifier(f'npm-{name}'), 'name': name, 'versionInfo': entry['version'], 'downloadLocation': 'NOASSERTION',
            'filesAnalyzed': False, 'licenseConcluded': 'NOASSERTION', 'licenseDeclared': entry.get('license', 'NOASSERTION'),
            'copyrightText': 'NOASSERTION',
            'externalRefs': [{'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
                              'referenceLocator': f'pkg:npm/{name.replace("@", "%40")}@{entry["version"]}'}]}


def program(name, content, version):
    return {'SPDXID': identifier(f'program-{name}'), 'name': name, 'versionInfo': version, 'downloadLocation': 'NOASSERTION', 'filesAnalyzed': False,
            'licenseConcluded': 'NOASSERTION', 'licenseDeclared': 'NOASSERTION', 'copyrightText': 'NOASSERTION',
            'checksums': [{'algorithm': 'SHA256', 'checksumValue': hashlib.sha256(content).hexdigest()}]}


def document(image, epoch, parts):
    """`image`: its name and digest; it contains every part."""
    name, digest = image
    root = {'SPDXID': 'SPDXRef-image', 'name': name, 'versionInfo': digest, 'downloadLocation': 'NOASSERTION', 'filesAnalyzed': False,
            'licenseConcluded': 'NOASSERTION', 'licenseDeclared': 'NOASSERTION', 'copyrightText': 'NOASSERTION'}
    relations = [{'spdxElementId': 'SPDXRef-DOCUMENT', 'relationshipType': 'DESCRIBES', 'relatedSpdxElement': 'SPDXRef-image'}]
    relations += [{'spdxElementId': 'SPDXRef-image', 'relationshipType': 'CONTAINS', 'relatedSpdxElement': part['SPDXID']} for part in parts]
    return json.dumps({'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT', 'name': name,
                       'documentNamespace': f'urn:renxin:image:{digest}', 'creationInfo': {'created': oci.timestamp(epoch), 'creators': ['Tool: ./dev image']},
                       'packages': [root, *parts], 'relationships': relations}, ensure_ascii=False, indent=1) + '\n'
