#include "services/cli/api.h"

#include <algorithm>
#include <thread>

#include "services/cli/table.h"
#include "shared/core/text.h"
#include "shared/core/time.h"

namespace renxin::cli {
namespace {

using std::chrono::milliseconds;

// A token that ends within this is changed before the call: a call may take its time.
constexpr std::int64_t kTokenMargin = 90;
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};
constexpr milliseconds kLongestRetryAfter{10'000};

std::int64_t NowSeconds() { return SystemNow().micros / 1'000'000; }

bool WorthRepeating(const HttpReply& reply) {
  return reply.status == 429 || reply.status == 502 || reply.status == 503 || reply.status == 504;
}

}  // namespace

Clock Clock::Real() {
  return {.now = [] { return std::chrono::steady_clock::now(); }, .sleep = [](milliseconds d) { std::this_thread::sleep_for(d); }};
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += "%" + ToHex({&c, 1});
    }
  }
  return out;
}

std::string WithQuery(const std::string& path, const Query& query) {
  std::string out = path;
  char mark = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    out += mark + name + "=" + PercentEncode(value);
    mark = '&';
  }
  return out;
}

Problem ReadProblem(const HttpReply& reply) {
  Problem problem{reply.status, "the gateway answered " + std::to_string(reply.status)};
  json::error_code error;
  const json::value value = json::parse(reply.body, error);
  if (error || !value.is_object()) return problem;
  const json::object& body = value.get_object();
  problem.text = Text(body, "title").empty() ? problem.text : Text(body, "title");
  if (const std::string detail = Text(body, "detail"); !detail.empty()) problem.text += ": " + detail;
  if (const std::string reason = Text(body, "reason"); !reason.empty()) problem.text += " (" + reason + ")";
  for (const json::value& each : List(body, "errors")) {
    if (!each.is_object()) continue;
    const json::object& field = each.get_object();
    problem.text += "\n  " + Text(field, "field") + ": " + Text(field, "message");
    if (const std::string rule = Text(field, "rule"); !rule.empty()) problem.text += " [" + rule + "]";
  }
  if (const std::string trace = Text(body, "trace_id"); !trace.empty()) problem.text += "\n  trace " + trace;
  std::string safe;
  for (const std::string& line : SplitText(problem.text, '\n')) safe += (safe.empty() ? "" : "\n") + Harmless(line);
  problem.text = safe;
  return problem;
}

CliError ToError(const Problem& problem) {
  if (problem.status == 404) return {Exit::kNotThere, problem.text};
  if (problem.status == 503 || problem.status == 504) return {Exit::kTimeout, problem.text};
  return {Exit::kFailed, problem.text};
}

Api::Api(Transport& transport, std::string url, std::filesystem::path session_file, Clock clock)
    : transport_(transport), url_(std::move(url)), session_file_(std::move(session_file)), clock_(std::move(clock)) {
  while (!url_.empty() && url_.back() == '/') url_.pop_back();
}

// Repeats with growing pauses what may come true by waiting; the last reply stands, whatever it is.
HttpReply Api::SendUntilDeadline(const std::function<HttpReply()>& send) {
  const auto end = clock_.now() + patience_;
  for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    HttpReply reply;
    try {
      reply = send();
      if (!WorthRepeating(reply)) return reply;
    } catch (const TransportError& error) {
      if (error.hopeless() || clock_.now() + pause > end) throw CliError(Exit::kCannotReach, error.what());
      clock_.sleep(pause);
      continue;
    }
    const milliseconds requests(reply.retry_after_seconds * 1'000);
    // Retry-After is whole seconds; a service that is back sooner should not wait for us, except for 429.
    const milliseconds wait = reply.status == 429 ? std::clamp(requests, pause, kLongestRetryAfter) : pause;
    if (clock_.now() + wait > end) return reply;
    clock_.sleep(wait);
  }
}

void Api::RequestToken(Session session) {
  const json::object body{{"username", session.username}, {"password", ReadPassword(session.password_file)}};
  const HttpRequest request{
      .method = "POST", .target = "/v1/sessions", .headers = {{"Content-Type", "application/json"}}, .body = json::serialize(body)};
  const HttpReply reply = SendUntilDeadline([&] { return transport_.Send(request); });
  if (reply.status != 200 && reply.status != 201) throw ToError(ReadProblem(reply));
  StoreTokens(std::move(session), reply);
}

void Api::StoreTokens(Session session, const HttpReply& reply) {
  const json::object answer = ParseObject(reply.body);
  session.access_token = Text(answer, "access_token");
  session.expires_at = NowSeconds() + Int(answer, "expires_in");
  session.refresh_token = Text(answer, "refresh_token");
  session.refresh_key = session.refresh_token.empty() ? "" : NewId();
  if (session.access_token.empty()) throw CliError(Exit::kFailed, "the gateway gave no token");
  SaveSession(session_file_, session);
  session_ = std::move(session);
}

bool Api::RunsOut() const { return session_->expires_at - NowSeconds() < kTokenMargin; }

// Another run that shares the file may have renewed the tokens: ours are used up then.
bool Api::AdoptNewer() {
  const auto kept = LoadSession(session_file_);
  if (!kept || kept->url != url_ || kept->username != session_->username || kept->access_token == session_->access_token) return false;
  session_ = kept;
  return true;
}

bool Api::Refresh() {
  if (session_->refresh_token.empty()) return false;
  const HttpRequest request{.method = "POST",
                            .target = "/v1/sessions:refresh",
                            .headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", session_->refresh_key}},
                            .body = json::serialize(json::object{{"refresh_token", session_->refresh_token}})};
  const HttpReply reply = SendUntilDeadline([&] { return transport_.Send(request); });
  if (reply.status == 200) {
    StoreTokens(*session_, reply);
    return true;
  }
  if (reply.status != 401) throw ToError(ReadProblem(reply));
  session_->refresh_token.clear();  // it will not come to life again
  SaveSession(session_file_, *session_);
  return false;
}

// A new access token, by what there is: false when a person has to sign in again.
bool Api::Renew() {
  if (AdoptNewer() && !RunsOut()) return true;
  if (Refresh()) return true;
  if (session_->password_file.empty()) return false;
  RequestToken(*session_);
  return true;
}

void Api::SignIn(const std::string& username, const std::filesystem::path& password_file) {
  RequestToken({.url = url_,
                .username = username,
                .access_token = "",
                .expires_at = 0,
                .password_file = std::filesystem::absolute(password_file).string()});
}

std::string Api::SignOut() {
  const auto kept = LoadSession(session_file_);
  if (!kept) return "";
  // A token of another gateway is shown to nobody, and the other's sign-in is not ended from here.
  if (kept->url != url_)
    throw CliError(Exit::kFailed, "signed in at " + kept->url + ", not at " + url_ + ": renxin --url " + kept->url + " logout");
  // First here: whatever becomes of the call, nobody finds the tokens on this machine.
  std::filesystem::remove(session_file_);
  if (kept->refresh_token.empty()) return kept->username;
  const HttpRequest request{.method = "POST",
                            .target = "/v1/sessions:end",
                            .headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", NewId()}},
                            .body = json::serialize(json::object{{"refresh_token", kept->refresh_token}})};
  try {
    const HttpReply reply = SendUntilDeadline([&] { return transport_.Send(request); });
    // 401: it has ended already.
    if (reply.status != 401 && (reply.status < 200 || reply.status > 299)) throw ToError(ReadProblem(reply));
  } catch (const CliError& error) {
    throw CliError(error.code(), std::string(error.what()) + "\n  forgotten here, but not ended at the gateway");
  }
  return kept->username;
}

void Api::RequireToken() {
  if (!session_) session_ = LoadSession(session_file_);
  if (!session_) throw CliError(Exit::kFailed, "nobody is signed in: renxin login");
  if (session_->url != url_) throw CliError(Exit::kFailed, "signed in at " + session_->url + ", not at " + url_ + ": renxin login");
  if (RunsOut()) Renew();
}

HttpReply Api::Once(HttpRequest& request) {
  RequireToken();
  constexpr std::string_view kBearer = "Bearer ";
  const auto send = [&] {
    HttpRequest authorized = request;
    authorized.headers.emplace_back("Authorization", std::string(kBearer) + session_->access_token);
    return transport_.Send(authorized);
  };
  HttpReply reply = send();
  if (reply.status != 401 || !Renew()) return reply;  // its keys were changed, or the clocks differ
  return send();
}

HttpReply Api::Repeat(HttpRequest request) {
  HttpReply reply = SendUntilDeadline([&] { return Once(request); });
  if (reply.status == 401) throw CliError(Exit::kFailed, ReadProblem(reply).text + "\n  sign in again: renxin login");
  return reply;
}

std::optional<json::object> Api::TryGet(const std::string& path, Problem* problem) {
  const HttpReply reply = Repeat({.method = "GET", .target = path});
  if (reply.status == 200) return ParseObject(reply.body);
  *problem = ReadProblem(reply);
  return std::nullopt;
}

json::object Api::Get(const std::string& path, const Query& query) {
  Problem problem;
  auto answer = TryGet(WithQuery(path, query), &problem);
  if (!answer) throw ToError(problem);
  return std::move(*answer);
}

json::object Api::GetAll(const std::string& path, Query query, const std::string& rows) {
  query.insert(query.end(), {{"page_size", "200"}, {"page_token", ""}});
  json::array all;
  for (;;) {
    json::object page = Get(path, query);
    for (const json::value& row : List(page, rows)) all.push_back(row);
    query.back().second = Text(page, "next_page_token");
    if (!query.back().second.empty()) continue;
    page[rows] = std::move(all);
    return page;
  }
}

json::object Api::Post(const std::string& path, const json::object& body, const std::string& key) {
  const HttpReply reply = Repeat({.method = "POST",
                                  .target = path,
                                  .headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", key}},
                                  .body = json::serialize(body)});
  if (reply.status < 200 || reply.status > 299) throw ToError(ReadProblem(reply));
  return ParseObject(reply.body);
}

json::object Api::Upload(const std::string& path, const Form& form, const std::string& key,
                         std::function<void(std::uint64_t, std::uint64_t)> progress) {
  const HttpReply reply =
      Repeat({.method = "POST", .target = path, .headers = {{"Idempotency-Key", key}}, .form = form, .progress = std::move(progress)});
  if (reply.status < 200 || reply.status > 299) throw ToError(ReadProblem(reply));
  return ParseObject(reply.body);
}

}  // namespace renxin::cli
