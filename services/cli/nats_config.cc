#include "services/cli/nats_config.h"

#include <crypt.h>

#include <set>

#include "services/cli/exit_code.h"

namespace renxin::cli {
namespace {

constexpr std::string_view kHead =
    R"(# Made by `renxin nats-config` from the contract; recreated at every start, so do not edit it.
# One account for the suite, one user per service; bcrypt hashes only. There is no authorization block and
# no no_auth_user: either would let somebody in without a password.
)";

std::string Inbox(const std::string& user) { return "_INBOX_" + user + ".>"; }

// What a user of a stream has to ask of JetStream: where it stands, and which message has a number (the
// repair of a stream that was reset compares ids).
void AddStreamReading(const std::string& stream, std::set<std::string>* publish) {
  publish->insert("$JS.API.STREAM.INFO." + stream);
  publish->insert("$JS.API.STREAM.MSG.GET." + stream);
}

NatsUser ServiceUser(const Service& service) {
  const std::string& name = service.name;
  std::set<std::string> publish;
  publish.insert("ev.renxin." + name + ".v1.>");
  publish.insert("rp.renxin." + name + ".v1.>");
  AddStreamReading(StreamName(name), &publish);
  for (const std::string& subject : service.internal_calls) publish.insert(subject);
  // Replies. Not `allow_responses`: that would carry a reply to any subject that its requester names.
  publish.insert(Inbox("gateway"));
  for (const std::string& caller : service.callers) publish.insert(Inbox(caller));
  // Consumers by their full names, and on other services' streams alone: with one on its own stream a service
  // could have JetStream deliver what it wrote itself, headers and all, to a subject it may not publish.
  for (const Durable& durable : service.consumers) {
    const std::string stream = StreamName(durable.publisher);
    AddStreamReading(stream, &publish);
    for (const char* verb : {"CREATE", "INFO", "DELETE", "MSG.NEXT"}) {
      publish.insert("$JS.API.CONSUMER." + std::string(verb) + "." + stream + "." + durable.name);
    }
    publish.insert("$JS.ACK." + stream + "." + durable.name + ".>");
  }
  return {.name = name,
          .publish = {publish.begin(), publish.end()},
          .subscribe = {"rpc.renxin." + name + ".>", "int.renxin." + name + ".>", Inbox(name)}};
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string List(const std::vector<std::string>& subjects) {
  std::string out = "[\n";
  for (const std::string& subject : subjects) out += "            " + Quoted(subject) + "\n";
  return out + "          ]";
}

std::string UserBlock(const NatsUser& user, const std::string& hash) {
  return "      {\n        user: " + Quoted(user.name) + ", password: " + Quoted(hash) +
         "\n        permissions: {\n          publish: { allow: " + List(user.publish) +
         " }\n          subscribe: { allow: " + List(user.subscribe) + " }\n        }\n      }\n";
}

std::string ServerBlock(const NatsOptions& options, std::size_t streams) {
  // Room for every stream at its limit, or the server refuses to make the last ones.
  const std::int64_t bytes = static_cast<std::int64_t>(streams) * kStreamBytes + kStreamBytes;
  return "\nserver_name: renxin\nhost: " + Quoted(options.bind) + "\nport: " + std::to_string(options.port) +
         "\nhttp: " + Quoted("127.0.0.1:" + std::to_string(options.http_port)) +
         "\n\n# Nobody speaks to it in clear; who they are, users and passwords say.\ntls {\n  cert_file: " +
         Quoted(options.tls_cert.string()) + "\n  key_file: " + Quoted(options.tls_key.string()) +
         "\n  timeout: 2\n}"
         "\n\n# Payloads are at most 256 KiB; the rest is for headers.\nmax_payload: 300KB\n"
         "write_deadline: \"5s\"\nlame_duck_duration: \"30s\"\n"
         "\njetstream {\n  store_dir: " +
         Quoted(options.store.string()) + "\n  max_memory_store: 64MB\n  max_file_store: " + std::to_string(bytes) +
         "\n  # How much a power cut may take from a stream. The outboxes are the truth: relays publish it again.\n"
         "  sync_interval: \"10s\"\n}\n";
}

}  // namespace

std::vector<NatsUser> NatsUsers(const std::vector<Service>& services) {
  std::vector<NatsUser> users;
  NatsUser provision{.name = "provision", .publish = {}, .subscribe = {Inbox("provision")}};
  for (const Service& service : services) {
    users.push_back(ServiceUser(service));
    for (const char* verb : {"CREATE", "INFO", "UPDATE"}) {
      provision.publish.push_back("$JS.API.STREAM." + std::string(verb) + "." + StreamName(service.name));
    }
  }
  // Only this one may publish rpc.: that is why services believe the principal header.
  users.push_back({.name = "gateway", .publish = {"rpc.renxin.>"}, .subscribe = {"ev.renxin.>", Inbox("gateway")}});
  users.push_back(std::move(provision));
  return users;
}

std::string NatsConfig(const std::vector<Service>& services, const NatsOptions& options,
                       const std::function<std::string(const std::string& user)>& hash) {
  std::string text = std::string(kHead) + ServerBlock(options, services.size());
  text += "\naccounts {\n  RENXIN {\n    jetstream: enabled\n    users: [\n";
  for (const NatsUser& user : NatsUsers(services)) text += UserBlock(user, hash(user.name));
  text += "    ]\n  }\n  SYS {\n    users: [ { user: \"sys\", password: " + Quoted(hash("sys")) + " } ]\n  }\n}\nsystem_account: SYS\n";
  return text;
}

std::string BcryptHash(const std::string& password) {
  char* setting = crypt_gensalt_ra("$2b$", 8, nullptr, 0);
  if (setting == nullptr) throw CliError(Exit::kFailed, "crypt() has no bcrypt here");
  void* data = nullptr;
  int size = 0;
  const char* hashed = crypt_ra(password.c_str(), setting, &data, &size);
  const std::string hash = hashed == nullptr ? "" : hashed;
  std::free(setting);  // NOLINT: the library's malloc
  std::free(data);     // NOLINT
  if (hash.rfind("$2b$08$", 0) != 0) throw CliError(Exit::kFailed, "crypt() gave no bcrypt hash");
  return hash;
}

}  // namespace renxin::cli
