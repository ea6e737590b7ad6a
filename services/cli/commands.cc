#include "services/cli/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "services/cli/console.h"
#include "services/cli/import.h"
#include "services/cli/nats_config.h"
#include "services/cli/operate.h"
#include "services/cli/provision.h"
#include "services/cli/statement.h"
#include "services/cli/topology.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

constexpr std::string_view kOps = "renxin.ops.v1.OpsService";
constexpr std::string_view kImports = "renxin.intake.v1.ImportService";

// Everything that can be said on the command line.
struct Arguments {
  std::string url = "https://127.0.0.1:8443";
  std::string ca;
  std::string session;
  bool as_json = false;
  int timeout = 600;
  // login
  std::string username;
  std::string password_file;
  // import
  std::string kind;
  std::string key;
  std::string file;
  std::string folder;
  std::string finish;
  std::string source;
  bool dry_run = false;
  // statement, period
  std::string period;
  std::string payee;
  // operations
  std::string service;
  std::string id;
  std::string reason;
  bool all = false;
  bool wait_idle = false;
  // nats-config
  NatsOptions nats;
  std::string secrets;
  std::string output;
};

class Program {
 public:
  explicit Program(const CommandContext& command_context) : surroundings_(command_context) {
    app_.fallthrough();
    app_.require_subcommand(1);
    app_.add_option("--url", arguments_.url, "the gateway")->envname("RENXIN_URL")->capture_default_str();
    app_.add_option("--ca", arguments_.ca, "certificate authority that signed it, PEM")->envname("RENXIN_CA");
    app_.add_option("--session", arguments_.session, "where the sign-in is kept")->envname("RENXIN_SESSION");
    app_.add_flag("--json", arguments_.as_json, "the result as JSON on standard output");
    AddLogin();
    AddImport();
    AddStatement();
    AddPeriod();
    AddOperations();
    AddBroker();
  }

  int Run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      surroundings_.out << Deepest(&app_)->help();
      return 0;
    } catch (const CLI::ParseError& error) {
      surroundings_.err << "renxin: " << error.what() << "\n  renxin --help says what there is\n";
      return static_cast<int>(Exit::kUsage);
    }
    Console console(surroundings_.out, surroundings_.err, arguments_.as_json, surroundings_.terminal);
    try {
      return static_cast<int>(action_(console));
    } catch (const CliError& error) {
      console.PrintInfo(error.what());
      return static_cast<int>(error.code());
    } catch (const std::exception& error) {
      console.PrintInfo(error.what());
      return static_cast<int>(Exit::kFailed);
    }
  }

 private:
  using Action = std::function<Exit(Console&)>;
  using ApiAction = std::function<Exit(Api&, Console&)>;

  static CLI::App* Deepest(CLI::App* app) {
    for (CLI::App* next : app->get_subcommands()) return Deepest(next);
    return app;
  }

  CLI::App* Command(CLI::App* parent, const std::string& name, const std::string& what, Action action) {
    CLI::App* command = parent->add_subcommand(name, what);
    command->final_callback([this, action = std::move(action)] {
      if (!action_) action_ = action;
    });
    return command;
  }

  // A command that speaks with the gateway.
  CLI::App* ApiCommand(CLI::App* parent, const std::string& name, const std::string& what, ApiAction action) {
    return Command(parent, name, what, [this, action = std::move(action)](Console& console) {
      const auto transport = surroundings_.connect(arguments_.url, arguments_.ca);
      Api api(*transport, arguments_.url, arguments_.session.empty() ? DefaultSessionFile() : std::filesystem::path(arguments_.session),
              surroundings_.clock);
      return action(api, console);
    });
  }

  void AddTimeout(CLI::App* command, const std::string& what) {
    command->add_option("--timeout", arguments_.timeout, what)->check(CLI::Range(1, 86'400))->capture_default_str();
  }

  std::chrono::seconds timeout() const { return std::chrono::seconds(arguments_.timeout); }

  static const contract::DescriptorSet& Contract() { return contract::EmbeddedDescriptors(); }

  // All services, or the one that was named.
  std::vector<std::string> ChosenServices() const {
    const std::vector<std::string> all = HostedValues(Contract(), kOps);
    if (arguments_.service.empty()) return all;
    if (std::count(all.begin(), all.end(), arguments_.service) > 0) return {arguments_.service};
    throw CliError(Exit::kNotThere, "no service " + arguments_.service + "; there are " + Join(all, ", "));
  }

  void AddLogin() {
    CLI::App* login = ApiCommand(&app_, "login", "sign in and remember it", [this](Api& api, Console& console) {
      api.SignIn(arguments_.username, arguments_.password_file);
      console.Result(json::object{{"url", arguments_.url}, {"username", arguments_.username}},
                     "signed in as " + arguments_.username + "\n");
      return Exit::kOk;
    });
    login->add_option("--username", arguments_.username)->required();
    login->add_option("--password-file", arguments_.password_file, "first line is the password; read again when the token runs out")
        ->required();
    ApiCommand(&app_, "logout", "end the sign-in, here and at the gateway", [this](Api& api, Console& console) {
      const std::string username = api.SignOut();
      console.Result(json::object{{"url", arguments_.url}, {"username", username}},
                     username.empty() ? "nobody was signed in\n" : "signed out " + username + "\n");
      return Exit::kOk;
    });
  }

  ImportOptions ImportOptionsOf() const {
    const bool one = !arguments_.kind.empty() || !arguments_.file.empty();
    const int ways = (one ? 1 : 0) + (arguments_.folder.empty() ? 0 : 1) + (arguments_.finish.empty() ? 0 : 1);
    if (ways != 1 || (one && arguments_.file.empty())) throw CliError(Exit::kUsage, "import KIND FILE, or --dir DIR, or --finish SOURCE");
    ImportOptions options{.files = {}, .source = arguments_.source, .dry_run = arguments_.dry_run, .finish = !one, .timeout = timeout()};
    if (!arguments_.finish.empty()) {
      if (arguments_.dry_run || !arguments_.source.empty()) throw CliError(Exit::kUsage, "--finish SOURCE stands alone");
      options.source = arguments_.finish;
      return options;
    }
    if (options.source.empty()) throw CliError(Exit::kUsage, "--source says which system the records come from");
    const auto& kinds = FormatKinds();
    if (one && std::count(kinds.begin(), kinds.end(), arguments_.kind) == 0) {
      throw CliError(Exit::kUsage, arguments_.kind + " is no kind of file; there are " + Join(kinds, ", "));
    }
    options.files = one ? std::vector<ImportFile>{{arguments_.kind, arguments_.file}} : FilesIn(arguments_.folder);
    return options;
  }

  void AddImport() {
    CLI::App* import = ApiCommand(&app_, "import", "bring in files of import format 1", [this](Api& api, Console& console) {
      const std::vector<std::string> kinds = HostedValues(Contract(), kImports);
      return Import(api, console, kinds, ImportOptionsOf());
    });
    import->add_option("kind", arguments_.kind, "the file's name without .csv: staff, leads, settlements …");
    import->add_option("file", arguments_.file);
    import->add_option("--dir", arguments_.folder, "every file of format 1 in this folder, then finish");
    import->add_option("--finish", arguments_.finish, "close a source: refuse what waits for rows that never came")->type_name("SOURCE");
    import->add_option("--source", arguments_.source, "name of the system the records come from");
    import->add_flag("--dry-run", arguments_.dry_run, "report only, keep nothing");
    AddTimeout(import, "seconds without progress until it gives up; for finishing: in all");
  }

  StatementOptions StatementOptionsOf() const { return {arguments_.period, arguments_.payee, arguments_.source}; }

  void AddStatement() {
    CLI::App* statement =
        ApiCommand(&app_, "statement", "a payee's statement (结算单), every line explained", [this](Api& api, Console& console) {
          if (arguments_.payee.empty()) throw CliError(Exit::kUsage, "statement PERIOD PAYEE");
          return ShowStatement(api, console, StatementOptionsOf());
        });
    statement->require_subcommand(0, 1);
    statement->add_option("period", arguments_.period, "YYYY-MM");
    statement->add_option("payee", arguments_.payee, "staff number or id");
    statement->add_option("--source", arguments_.source, "the system that gave the staff number");
    CLI::App* list = ApiCommand(statement, "list", "totals of a period",
                                [this](Api& api, Console& console) { return ListStatements(api, console, StatementOptionsOf()); });
    list->add_option("period", arguments_.period, "YYYY-MM")->required();
    CLI::App* verify = ApiCommand(statement, "verify", "work a statement out again from its sources",
                                  [this](Api& api, Console& console) { return CheckStatement(api, console, StatementOptionsOf()); });
    verify->add_option("period", arguments_.period, "YYYY-MM")->required();
    verify->add_option("payee", arguments_.payee, "staff number or id")->required();
  }

  void AddPeriod() {
    CLI::App* period = app_.add_subcommand("period", "periods and their lock");
    period->require_subcommand(1);
    ApiCommand(period, "list", "all periods", ListPeriods);
    CLI::App* lock = ApiCommand(period, "lock", "freeze the statements of a period for good",
                                [this](Api& api, Console& console) { return LockPeriod(api, console, arguments_.period, timeout()); });
    lock->add_option("period", arguments_.period, "YYYY-MM")->required();
    AddTimeout(lock, "seconds without any progress");
    CLI::App* first =
        ApiCommand(period, "first", "set the first period that is paid; until the first lock",
                   [this](Api& api, Console& console) { return SetFirstPeriod(api, console, arguments_.period, arguments_.reason); });
    first->add_option("period", arguments_.period, "YYYY-MM")->required();
    first->add_option("--reason", arguments_.reason, "in a few words")->required();
  }

  void AddOperations() {
    CLI::App* letters = app_.add_subcommand("dead-letters", "events that could not be handled");
    letters->require_subcommand(1);
    CLI::App* list = ApiCommand(letters, "list", "newest first", [this](Api& api, Console& console) {
      return ListDeadLetters(api, console, ChosenServices(), arguments_.all);
    });
    list->add_option("--service", arguments_.service, "only of this one");
    list->add_flag("--all", arguments_.all, "those that were replayed or discarded too");
    CLI::App* replay = ApiCommand(letters, "replay", "hand one to its consumer again", [this](Api& api, Console& console) {
      return ReplayDeadLetter(api, console, ChosenServices().front(), arguments_.id);
    });
    replay->add_option("service", arguments_.service)->required();
    replay->add_option("id", arguments_.id)->required();
    CLI::App* discard = ApiCommand(letters, "discard", "resolve one without delivering it", [this](Api& api, Console& console) {
      return DiscardDeadLetter(api, console, ChosenServices().front(), arguments_.id, arguments_.reason);
    });
    discard->add_option("service", arguments_.service)->required();
    discard->add_option("id", arguments_.id)->required();
    discard->add_option("--reason", arguments_.reason, "in a few words")->required();
    CLI::App* timers = app_.add_subcommand("failed-timers", "timers that were given up");
    timers->require_subcommand(1);
    CLI::App* failed = ApiCommand(timers, "list", "those of the longest ago first",
                                  [this](Api& api, Console& console) { return ListFailedTimers(api, console, ChosenServices()); });
    failed->add_option("--service", arguments_.service, "only of this one");
    CLI::App* retry = ApiCommand(timers, "retry", "run one again", [this](Api& api, Console& console) {
      return RetryTimer(api, console, ChosenServices().front(), arguments_.kind, arguments_.key);
    });
    retry->add_option("service", arguments_.service)->required();
    retry->add_option("kind", arguments_.kind)->required();
    retry->add_option("key", arguments_.key);
    CLI::App* doctor = ApiCommand(&app_, "doctor", "stored rows that the rules of today would refuse",
                                  [this](Api& api, Console& console) { return ListFindings(api, console, ChosenServices()); });
    doctor->add_option("--service", arguments_.service, "only of this one");
    CLI::App* status = ApiCommand(&app_, "status", "how the services stand", [this](Api& api, Console& console) {
      return arguments_.wait_idle ? WaitIdle(api, console, ChosenServices(), timeout()) : ShowStatus(api, console, ChosenServices());
    });
    status->add_flag("--wait-idle", arguments_.wait_idle, "until nothing is under way");
    AddTimeout(status, "seconds to wait for that");
  }

  void AddBroker() {
    Command(&app_, "provision", "make the streams (RENXIN_NATS_URL, RENXIN_NATS_USER, RENXIN_NATS_PASSWORD_FILE, RENXIN_NATS_CA_FILE)",
            [](Console& console) {
              const std::vector<std::string> streams = Provision(Services(Contract()), ProvisionLogin());
              console.Result(json::object{{"streams", json::value_from(streams)}}, "streams: " + Join(streams, ", ") + "\n");
              return Exit::kOk;
            });
    CLI::App* config = Command(&app_, "nats-config", "write nats-server's configuration from the contract", [this](Console& console) {
      const std::filesystem::path secrets = arguments_.secrets;
      const auto hash = [&](const std::string& user) { return BcryptHash(ReadPassword(secrets / (user + ".password"))); };
      WritePrivately(arguments_.output, NatsConfig(Services(Contract()), arguments_.nats, hash));
      console.Result(json::object{{"file", arguments_.output}}, arguments_.output + " is written\n");
      return Exit::kOk;
    });
    config->add_option("--store", arguments_.nats.store, "folder of the streams")->required();
    config->add_option("--port", arguments_.nats.port)->required()->check(CLI::Range(1, 65'535));
    config->add_option("--tls-cert", arguments_.nats.tls_cert, "the server's certificate (PEM)")->required();
    config->add_option("--tls-key", arguments_.nats.tls_key, "and its key")->required();
    config->add_option("--http-port", arguments_.nats.http_port, "monitoring, on 127.0.0.1")->required()->check(CLI::Range(1, 65'535));
    config->add_option("--secrets", arguments_.secrets, "folder of USER.password")->required();
    config->add_option("--out", arguments_.output)->required();
    config->add_option("--bind", arguments_.nats.bind)->capture_default_str();
  }

  const CommandContext& surroundings_;
  Arguments arguments_;
  Action action_;
  CLI::App app_{"Renxin on the command line.", "renxin"};
};

}  // namespace

int Run(int argc, const char* const* argv, const CommandContext& command_context) { return Program(command_context).Run(argc, argv); }

}  // namespace renxin::cli
