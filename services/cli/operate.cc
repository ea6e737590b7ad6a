#include "services/cli/operate.h"

#include "services/cli/operation.h"

#include "shared/core/money.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPoll{200};

std::string FreshKey() { return ToHex(RandomBytes(16)); }

struct ServiceStatus {
  std::string service;
  json::object status;  // empty when it did not answer
  std::string trouble;
};

std::vector<ServiceStatus> FetchStatus(Api& api, const std::vector<std::string>& services) {
  std::vector<ServiceStatus> statuses;
  for (const std::string& service : services) {
    Problem problem;
    auto status = api.TryGet("/v1/services/" + PercentEncode(service) + "/status", &problem);
    if (!status && problem.status < 500) throw ToError(problem);  // not allowed, not known: waiting does not help
    statuses.push_back({service, status.value_or(json::object{}), status ? "" : "no answer: " + SplitText(problem.text, '\n').front()});
  }
  return statuses;
}

bool AllIdle(const std::vector<ServiceStatus>& statuses) {
  for (const ServiceStatus& status : statuses) {
    if (!Flag(status.status, "idle")) return false;
  }
  return true;
}

json::object AsJson(const std::vector<ServiceStatus>& statuses) {
  json::array services;
  for (const ServiceStatus& status : statuses) {
    if (status.trouble.empty()) {
      services.push_back(status.status);
    } else {
      services.push_back(json::object{{"service", status.service}, {"idle", false}, {"trouble", status.trouble}});
    }
  }
  return {{"services", std::move(services)}, {"idle", AllIdle(statuses)}};
}

void AddStatus(const ServiceStatus& status, Table* table) {
  if (!status.trouble.empty()) {
    table->Row({status.service, "down"});
    table->PrintInfo(status.trouble);
    return;
  }
  std::int64_t pending = 0;
  std::int64_t ack_pending = 0;
  for (const json::value& value : List(status.status, "consumers")) {
    pending += Int(value.as_object(), "pending");
    ack_pending += Int(value.as_object(), "ack_pending");
  }
  const auto number = [&](std::string_view key) { return std::to_string(Int(status.status, key)); };
  table->Row({status.service, Flag(status.status, "idle") ? "idle" : "busy", number("outbox_pending"), std::to_string(pending),
              std::to_string(ack_pending), number("timers_due"), number("dead_letters"), number("failed_timers")});
  std::vector<std::string> gauges;
  for (const auto& gauge : Inner(status.status, "gauges")) {
    const std::string name(gauge.key());
    if (const std::int64_t value = Int(Inner(status.status, "gauges"), name); value != 0)
      gauges.push_back(name + " " + std::to_string(value));
  }
  if (!gauges.empty()) table->PrintInfo(Join(gauges, ", "));
}

std::string AsText(const std::vector<ServiceStatus>& statuses) {
  Table table({{"service"},
               {"state"},
               {"outbox", Align::kRight},
               {"to consume", Align::kRight},
               {"unacknowledged", Align::kRight},
               {"timers due", Align::kRight},
               {"dead letters", Align::kRight},
               {"failed timers", Align::kRight}});
  for (const ServiceStatus& status : statuses) AddStatus(status, &table);
  return table.ToText();
}

std::vector<std::string> PeriodCells(const json::object& period) {
  const std::string state = EnumText(period, "state", "PERIOD_STATE_");
  const std::string_view in_chinese = state == "locked" ? " 已锁定" : state == "history" ? " 历史，不结算" : " 未锁定";
  return {Text(period, "period"), state + std::string(in_chinese), std::to_string(Int(period, "statements")),
          FormatYuan(Int(period, "commission_fen")), Text(period, "locked_at")};
}

Table PeriodTable() {
  return Table(
      {{"period 期间"}, {"state 状态"}, {"statements 结算单", Align::kRight}, {"commission 提成", Align::kRight}, {"locked at 锁定时间"}});
}

Table DeadLetterTable() {
  return Table({{"service"}, {"id"}, {"consumer"}, {"subject"}, {"attempts", Align::kRight}, {"since"}, {"closed"}});
}

void AddDeadLetter(const std::string& service, const json::object& letter, Table* table) {
  table->Row({service, Text(letter, "id"), Text(letter, "consumer"), Text(letter, "subject"), std::to_string(Int(letter, "attempts")),
              Text(letter, "created_at"), Text(letter, "replayed_at") + Text(letter, "discarded_at")});
  table->PrintInfo(Text(letter, "reason"));
  if (const std::string why = Text(letter, "discard_reason"); !why.empty())
    table->PrintInfo("discarded by " + Text(letter, "discarded_by") + ": " + why);
}

}  // namespace

Exit ListPeriods(Api& api, Console& console) {
  const json::object answer = api.GetAll("/v1/periods", {}, "periods");
  Table table = PeriodTable();
  for (const json::value& period : List(answer, "periods")) table.Row(PeriodCells(period.as_object()));
  console.Result(answer, table.ToText());
  return Exit::kOk;
}

Exit LockPeriod(Api& api, Console& console, const std::string& period, std::chrono::milliseconds timeout) {
  const json::object begun = api.Post("/v1/periods/" + PercentEncode(period) + ":lock", {{"period", period}}, FreshKey());
  const json::object ended = WaitForOperation(api, console, begun, timeout);
  if (const std::string state = OperationState(ended); state != "done") {
    console.Result(ended, "");
    for (const json::value& error : List(Inner(ended, "failure"), "errors"))
      console.PrintInfo(Text(error.as_object(), "field") + ": " + Text(error.as_object(), "message"));
    const std::string why = Text(Inner(ended, "failure"), "message");
    throw CliError(Exit::kFailed, "the lock of " + period + " has ended as " + state + (why.empty() ? "" : ": " + why));
  }
  Table table = PeriodTable();
  table.Row(PeriodCells(api.Get("/v1/periods/" + PercentEncode(period))));
  console.Result(ended, table.ToText());
  return Exit::kOk;
}

Exit SetFirstPeriod(Api& api, Console& console, const std::string& period, const std::string& reason) {
  const json::object answer = api.Post("/v1/periods:setFirst", {{"period", period}, {"reason", reason}}, FreshKey());
  console.Result(answer, "first period 起始期间 " + Text(answer, "period") + ": what is earlier is history, not paid 之前为历史，不结算\n");
  return Exit::kOk;
}

Exit ListDeadLetters(Api& api, Console& console, const std::vector<std::string>& services, bool all) {
  json::array letters;
  Table table = DeadLetterTable();
  for (const std::string& service : services) {
    const json::object answer =
        api.GetAll("/v1/services/" + PercentEncode(service) + "/dead-letters", {{"all", all ? "true" : ""}}, "dead_letters");
    for (const json::value& letter : List(answer, "dead_letters")) {
      json::object with_service = letter.as_object();
      with_service["service"] = service;
      AddDeadLetter(service, with_service, &table);
      letters.emplace_back(std::move(with_service));
    }
  }
  const bool none = letters.empty();
  console.Result(json::object{{"dead_letters", std::move(letters)}}, none ? "no dead letters\n" : table.ToText());
  return Exit::kOk;
}

// `verb`: what becomes of it.
static Exit CloseDeadLetter(Api& api, Console& console, const std::string& service, const std::string& verb, const json::object& body) {
  const std::string path = "/v1/services/" + PercentEncode(service) + "/dead-letters/" + PercentEncode(Text(body, "id")) + ":" + verb;
  const json::object letter = api.Post(path, body, FreshKey());
  Table table = DeadLetterTable();
  AddDeadLetter(service, letter, &table);
  console.Result(letter, table.ToText());
  return Exit::kOk;
}

Exit ReplayDeadLetter(Api& api, Console& console, const std::string& service, const std::string& id) {
  return CloseDeadLetter(api, console, service, "replay", {{"service", service}, {"id", id}});
}

Exit DiscardDeadLetter(Api& api, Console& console, const std::string& service, const std::string& id, const std::string& reason) {
  return CloseDeadLetter(api, console, service, "discard", {{"service", service}, {"id", id}, {"reason", reason}});
}

static Table FailedTimerTable() { return Table({{"service"}, {"kind"}, {"key"}, {"attempts", Align::kRight}, {"given up"}}); }

static void AddFailedTimer(const std::string& service, const json::object& timer, Table* table) {
  table->Row({service, Text(timer, "kind"), Text(timer, "key"), std::to_string(Int(timer, "attempts")), Text(timer, "failed_at")});
  table->PrintInfo(Text(timer, "failure"));
}

Exit ListFailedTimers(Api& api, Console& console, const std::vector<std::string>& services) {
  json::array timers;
  Table table = FailedTimerTable();
  for (const std::string& service : services) {
    const json::object answer = api.GetAll("/v1/services/" + PercentEncode(service) + "/failed-timers", {}, "timers");
    for (const json::value& timer : List(answer, "timers")) {
      json::object with_service = timer.as_object();
      with_service["service"] = service;
      AddFailedTimer(service, with_service, &table);
      timers.emplace_back(std::move(with_service));
    }
  }
  const bool none = timers.empty();
  console.Result(json::object{{"timers", std::move(timers)}}, none ? "no timer was given up\n" : table.ToText());
  return Exit::kOk;
}

Exit RetryTimer(Api& api, Console& console, const std::string& service, const std::string& kind, const std::string& key) {
  const json::object timer = api.Post("/v1/services/" + PercentEncode(service) + "/failed-timers:retry",
                                      {{"service", service}, {"kind", kind}, {"key", key}}, FreshKey());
  Table table = FailedTimerTable();
  AddFailedTimer(service, timer, &table);
  console.Result(timer, table.ToText());
  return Exit::kOk;
}

Exit ListFindings(Api& api, Console& console, const std::vector<std::string>& services) {
  json::array findings;
  std::int64_t rows = 0;
  Table table({{"service"}, {"record"}, {"id"}, {"rule"}, {"what"}});
  for (const std::string& service : services) {
    std::string page_token;
    do {
      const json::object page =
          api.Get("/v1/services/" + PercentEncode(service) + "/findings", {{"page_size", "200"}, {"page_token", page_token}});
      rows += Int(page, "rows");
      for (const json::value& value : List(page, "findings")) {
        json::object finding = value.as_object();
        table.Row({service, Text(finding, "record"), Text(finding, "id"), Text(finding, "rule"), Text(finding, "what")});
        finding["service"] = service;
        findings.emplace_back(std::move(finding));
      }
      page_token = Text(page, "next_page_token");
      console.Progress(service + ": " + std::to_string(rows) + " rows looked at");
    } while (!page_token.empty());
  }
  const std::size_t count = findings.size();
  const std::string sum = (count == 1 ? "1 finding" : std::to_string(count) + " findings") + " in " + std::to_string(rows) + " rows\n";
  console.Result(json::object{{"findings", std::move(findings)}, {"rows", rows}}, count == 0 ? sum : table.ToText() + sum);
  return count == 0 ? Exit::kOk : Exit::kFailed;
}

Exit ShowStatus(Api& api, Console& console, const std::vector<std::string>& services) {
  api.set_patience(milliseconds(0));  // how they stand now, not in a moment
  const std::vector<ServiceStatus> statuses = FetchStatus(api, services);
  console.Result(AsJson(statuses), AsText(statuses));
  for (const ServiceStatus& status : statuses) {
    if (!status.trouble.empty()) return Exit::kFailed;
  }
  return Exit::kOk;
}

Exit WaitIdle(Api& api, Console& console, const std::vector<std::string>& services, std::chrono::seconds timeout) {
  const auto end = api.clock().now() + timeout;
  // A gateway or a service that is being restarted is not idle, and that is all.
  api.set_patience(milliseconds(0));
  std::string before;
  std::vector<ServiceStatus> statuses;
  for (;;) {
    try {
      statuses = FetchStatus(api, services);
      const std::string now = AllIdle(statuses) ? json::serialize(AsJson(statuses)) : "";
      if (!now.empty() && now == before) break;
      before = now;
    } catch (const CliError& error) {
      if (error.code() != Exit::kCannotReach && error.code() != Exit::kTimeout) throw;
      before.clear();
      if (api.clock().now() > end) throw CliError(Exit::kTimeout, error.what());
    }
    if (api.clock().now() > end) {
      console.Result(AsJson(statuses), AsText(statuses));
      throw CliError(Exit::kTimeout, "not idle after " + std::to_string(timeout.count()) + " s");
    }
    console.Progress("waiting until every service is idle");
    api.clock().sleep(kPoll);
  }
  console.Result(AsJson(statuses), AsText(statuses));
  return Exit::kOk;
}

}  // namespace renxin::cli
