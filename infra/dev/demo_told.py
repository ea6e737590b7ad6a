"""What `./dev up --demo` tells at its end: everything is asked of the running suite, nothing is remembered or worked out here."""
import datetime
import json

import demo_files
from base import eventually

GREETING_SECONDS = 20
UNDER_WAY = ('MESSAGE_STATE_SCHEDULED', 'MESSAGE_STATE_CLAIMED')
STORIES = (('M-AAA', 'born today 今天生日'), ('M-AA', 'born today by the lunar calendar 今天农历生日'), ('M-DISPUTE', 'an open dispute 纠纷处理中'),
           ('M-REPAIRED', 'a dispute ended with a repair 纠纷已修复'))


def everything(client, path, field, query):
    """All pages of a list."""
    rows, token = [], ''
    while True:
        page = client.get(path, query={**query, 'page_size': 200, **({'page_token': token} if token else {})}).expect(200).json
        rows += page.get(field, ())
        token = page.get('next_page_token')
        if not token:
            return rows


def short(name):
    """MEMBER_CLASS_AAA, MESSAGE_STATE_ACCEPTED: the last word, as people say it."""
    return name.rpartition('_')[2]


def money(fen):
    fen = int(fen)
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


class Told:
    def __init__(self, demonstration, suite, clients):
        self.state, self.period, self.folder = demonstration.state, demonstration.period, demonstration.folder
        self.payee, self.source = demonstration.payee, demonstration.source
        self.suite = suite
        self.service, self.director = clients['customer_service'], clients['customer_service_director']
        self.now = datetime.datetime.now(demo_files.SHANGHAI)

    def text(self):
        parts = (self._what_is_there(), self._statement(), self._classes(), self._birthdays(), self._where())
        return ''.join(f'\n{part}\n' for part in parts)

    def _what_is_there(self):
        rows = ', '.join(f'{count} {kind}' for kind, count in self.state['rows'].items())
        return (f'  DEMONSTRATION 演示   seed 种子 {self.state["seed"]}, made for {self.state["day"]}; all names are made up 姓名均为虚构\n'
                f'  month 月份 {self.period}: {rows}')

    def _statement(self):
        """As `renxin statement` prints it, and what waits for the end of a course of treatment."""
        asked = ('statement', self.period, self.payee, '--source', self.source)
        printed = self.suite.renxin(*asked).stdout
        statement = json.loads(self.suite.renxin(*asked, '--json').stdout)
        waiting = int(statement.get('in_open_courses_fen') or 0)
        more = f'\n  in open courses 未结疗程 {money(waiting)} yuan 元: counts when the course is closed (C1)' if waiting else ''
        return f'  A REP\'S STATEMENT 业务员结算单\n\n{indented(printed)}{more}'

    def _classes(self):
        lines = ['  MEMBERS AND WHY THEY ARE OF THEIR CLASS 会员等级及原因']
        for no, what in STORIES:
            who = self.state['members'][no]
            member = self.service.get(f'/v1/members/{who}').expect(200).json
            lines.append(f'\n  class 等级 {short(member["member_class"])}  {self._name(who)}  {what}\n    {member["class_reason"]}')
            for factor in member['factors']:
                lines.append(f'    factor 因素 {factor["factor"]}: {"yes 是" if factor["met"] else "no 否"}, {factor["reason"]}')
            lines.append(f'    net spend 净消费 {money(member["net_spend_fen"])} yuan 元, points 积分 {member["points_balance"]}; '
                         f'GET /v1/members/{who}')
        return '\n'.join(lines)

    def _name(self, customer):
        return self.service.get(f'/v1/customers/{customer}').expect(200).json['name']

    # ---- birthdays

    def _greetings(self, born):
        """Today's messages and tasks; while it is the hour for greetings, when each of them has gone its way."""
        wanted = {row['customer_id'] for row in born if row['channel']}

        def rows():
            return everything(self.service, '/v1/messages', 'messages', {'day': str(self.now.date()), 'kind': 'birthday'})

        def gone():
            found = rows()
            there = wanted <= {row['customer_id'] for row in found}
            return there and not any(row['state'] in UNDER_WAY for row in found)
        if 9 <= self.now.hour < 20:
            eventually(GREETING_SECONDS, gone)
        return rows()

    def _birthdays(self):
        day = str(self.now.date())
        born = everything(self.service, '/v1/birthdays', 'birthdays', {'day': day})
        messages = {row['customer_id']: row for row in self._greetings(born)}
        logged = {row['key']: row for row in self._log()}
        lines = [f"  TODAY'S BIRTHDAYS 今日生日 {day}: {len(born)} members 位会员, {len(messages)} messages and tasks 条短信和任务",
                 self._hour({row['customer_id'] for row in born if row['channel']} - messages.keys()), '']
        for row in born:
            who, name = row['customer_id'], self._name(row['customer_id'])
            lines.append(f'  {short(row["member_class"]):<4}{name}  {self._greeting(row, messages.get(who))}')
            message = messages.get(who)
            if message and (line := logged.get(f'birthday:{who}:{message["occasion"]}')):
                lines += [f'        log 日志  {line["time"]} to 至 {line["phone"]}, '
                          f'template 模板 {line["template"]} v{line["template_version"]}, {line["parts"]} part 条',
                          f'        text 短信  {self._text(message, name)}']
        return '\n'.join(lines)

    def _hour(self, left_out):
        if self.now.hour < 9:
            return f'  It is {self.now:%H:%M} at the hospital; greetings go out from 09:00 on. 医院时间未到 09:00，尚未发送祝福。'
        if left_out:
            return (f'  {len(left_out)} of them get no greeting today: the birthday worker had gone through this day '
                    f'before they were members. 其中 {len(left_out)} 位今日没有祝福：他们成为会员之前，今日的生日任务已执行。')
        if self.now.hour >= 20:
            return f'  It is {self.now:%H:%M} at the hospital; greetings expire at 20:00. 医院时间已过 20:00，祝福已失效。'
        return '  Greetings go out from 09:00 to 20:00, hospital time. 祝福于医院时间 09:00 至 20:00 发送。'

    def _greeting(self, born, message):
        if message:
            what = 'task: call them 任务：电话祝福' if message['channel'] == 'task' else 'SMS 短信'
            why = f' ({message["reason"]})' if message['reason'] else ''
            return f'{what}, {short(message["state"]).lower()}{why}, {message["occasion"]}'
        if born['channel']:
            return f'{"task 任务" if born["channel"] == "task" else "SMS 短信"}, not made 未生成'
        return f'no greeting 不祝福: {born["why_not"]}'

    def _log(self):
        try:
            lines = self._log_file().read_text(encoding='utf-8').splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def _log_file(self):
        return self.suite.folder / 'db/notifications.messages.jsonl'

    def _text(self, message, name):
        """The log keeps no text; the template as it was sent shows it, the name masked as everywhere."""
        versions = everything(self.director, '/v1/templates', 'templates', {'code': message['template_code']})
        template = next(row for row in versions if row['version'] == message['template_version'])
        body = {'variables': [{'name': 'name', 'value': name}] if 'name' in template['variables'] else []}
        return self.director.post(f"/v1/templates/{template['id']}:preview", body).expect(200).json['text']

    def _where(self):
        return f'''  WHERE TO LOOK 在哪里查看
    statement 结算单       GET /v1/statements/{self.period}/{{payee_id}},
                           renxin statement {self.period} {self.payee} --source {self.source}
    members 会员           GET /v1/members, GET /v1/members/{{customer_id}}/history
    birthdays 生日         GET /v1/birthdays?day={self.now.date()}, GET /v1/messages?day={self.now.date()}, GET /v1/tasks
    messages sent 已发短信 {self._log_file()}
    imported 导入文件      {self.folder}/import/*.csv (format 1)
    accounts 账号          {self._accounts()}; passwords 密码 {self.folder}/NAME.password'''

    def _accounts(self):
        return ', '.join(sorted(path.stem for path in self.folder.glob('*.password')))


def indented(text):
    return '\n'.join(f'  {line}'.rstrip() for line in text.rstrip().split('\n'))
