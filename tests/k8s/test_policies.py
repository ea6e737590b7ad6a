"""Every overlay renders and nothing is wrong with it; and each control finds the faults planted for it, and no other control does.

Nothing here needs a cluster: kubectl renders, npm's schemas and our policies judge. They are fetched once and kept below .deps."""
import contextlib
import functools
import io
import json
import os
import pathlib
import shutil
import tempfile
import unittest
from unittest import mock

import kubernetes
import kubernetes_tools as tools
from controls import CONTROLS, run
from documents import Documents, services
from faults import FAULTS, SCHEMA_FAULTS
from base import DevError

tools.ensure()


@functools.lru_cache(maxsize=None)
def rendered():
    names = kubernetes.overlays()
    return dict(zip(names, kubernetes.parse([kubernetes.render(name) for name in names])))


class Overlays(unittest.TestCase):
    def test_nothing_is_wrong_with_any_overlay_or_component(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = kubernetes.check()
        self.assertEqual((code, said.getvalue()), (0, f'dev: k8s: {", ".join(kubernetes.overlays())}: nothing wrong\n'))
        self.assertEqual(kubernetes.overlays(), ['group', 'hospital', 'replay', 'single'])

    def test_every_service_of_the_tree_runs_in_every_overlay(self):
        self.assertGreaterEqual(len(services()), 6)
        for name, documents in rendered().items():
            deployed = {each['metadata']['name'] for each in documents if each['kind'] == 'Deployment'}
            self.assertEqual(deployed, {*services(), 'gateway'}, name)

    def test_every_service_migrates_by_a_job_of_its_own_where_there_is_postgresql(self):
        for name, documents in rendered().items():
            jobs = {each['metadata']['name'] for each in documents if each['kind'] == 'Job' and each['metadata']['name'].endswith('-migrate')}
            self.assertEqual(jobs, set() if name == 'single' else {f'{service}-migrate' for service in services()}, name)

    def test_no_pod_that_serves_has_the_role_that_owns_the_tables(self):
        for documents in rendered().values():
            for pod in Documents(documents, 'single').served_pods():
                self.assertNotIn('_owner', str(pod.spec), pod.where)

    def test_a_service_more_is_one_folder_and_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder, 'k8s')
            shutil.copytree(kubernetes.K8S, copy)
            shutil.copytree(copy / 'base/leads', copy / 'base/example')
            for path, before, after in (('base/example/kustomization.yaml', 'name=leads', 'name=example'),
                                        ('base/kustomization.yaml', '  - leads\n', '  - leads\n  - example\n')):
                text = (copy / path).read_text(encoding='utf-8')
                self.assertIn(before, text)
                (copy / path).write_text(text.replace(before, after), encoding='utf-8')
            documents = kubernetes.parse([kubernetes.kustomize(copy / 'overlays/hospital')])[0]
        new = [each for each in documents if each['metadata'].get('labels', {}).get('app.kubernetes.io/name') == 'example']
        model = [each for each in documents if each['metadata'].get('labels', {}).get('app.kubernetes.io/name') == 'leads']
        self.assertEqual(sorted(each['kind'] for each in new), ['Deployment', 'Job', 'PodDisruptionBudget', 'ServiceAccount'])
        self.assertEqual(json.loads(json.dumps(model).replace('leads', 'example')), new)

    def test_an_overlay_that_is_not_there_is_named_with_those_that_are(self):
        with self.assertRaisesRegex(DevError, 'no overlay cloud; there are group, hospital, replay, single'):
            kubernetes.render('cloud')

    def test_the_schemas_run_on_every_node_named(self):
        for program in os.environ.get('RENXIN_NODES', 'node').split(':'):
            self.assertTrue(shutil.which(program), program)
            with mock.patch.dict(os.environ, {'RENXIN_NODES': program}):
                self.assertEqual([], list(kubernetes.findings_of_schemas(rendered()['group'])), program)


class Faults(unittest.TestCase):
    def test_every_control_has_a_fault(self):
        self.assertEqual({fault.control for fault in FAULTS}, set(CONTROLS))
        self.assertGreaterEqual(len(FAULTS) + len(SCHEMA_FAULTS), 40)

    def test_each_fault_is_found_by_its_control_alone(self):
        for fault in FAULTS:
            with self.subTest(fault.control, what=fault.what):
                found = list(run(Documents(fault.planted(rendered()[fault.overlay]), fault.overlay)))
                self.assertEqual({control for control, _, _ in found}, {fault.control}, found)

    def test_each_fault_of_a_schema_is_found(self):
        planted = []
        for _, fault in SCHEMA_FAULTS:
            before = rendered()[fault.overlay]
            planted += [document for document in fault.planted(before) if document not in before]
        self.assertEqual(len(planted), len(SCHEMA_FAULTS))
        found = {}
        for control, index, _ in kubernetes.findings_of_schemas(planted):
            found.setdefault(index, set()).add(control)
        for index, (wanted, fault) in enumerate(SCHEMA_FAULTS):
            with self.subTest(fault.what):
                self.assertEqual(found.get(index, set()), wanted)


if __name__ == '__main__':
    unittest.main()
