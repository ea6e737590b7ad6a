#pragma once
// A contract that stands for none of the suite's: every kind of rpc that the gateway can serve.

namespace renxin::gateway {

inline constexpr const char* kThings = R"(
syntax = "proto3";
package renxin.things.v1;
import "renxin/options/v1/http.proto";
import "renxin/options/v1/access.proto";
import "renxin/options/v1/validate.proto";
import "renxin/common/v1/common.proto";

// Looks after things.
service ThingService {
  // Makes a thing. It has a second sentence.
  rpc Create(Thing) returns (Thing) {
    option (renxin.options.v1.http) = {post: "/v1/things", success_status: 201};
    option (renxin.options.v1.access) = {roles: ["admin", "maker"]};
  }
  rpc Read(ReadThing) returns (Thing) {
    option (renxin.options.v1.http) = {get: "/v1/things/{id}"};
    option (renxin.options.v1.access) = {roles: "*"};
  }
  rpc List(ListThings) returns (Things) {
    option (renxin.options.v1.http) = {get: "/v1/things"};
    option (renxin.options.v1.access) = {roles: "*"};
  }
  rpc Change(Thing) returns (Thing) {
    option (renxin.options.v1.http) = {patch: "/v1/things/{id}", if_match: true};
    option (renxin.options.v1.access) = {roles: "admin"};
  }
  rpc ReadPage(ReadThing) returns (Page) {
    option (renxin.options.v1.http) = {get: "/v1/things/{id}/page"};
    option (renxin.options.v1.access) = {roles: "*"};
  }
  rpc Remove(ReadThing) returns (renxin.common.v1.Empty) {
    option (renxin.options.v1.http) = {delete: "/v1/things/{id}", success_status: 204};
    option (renxin.options.v1.access) = {roles: "admin"};
  }
  rpc Touch(renxin.common.v1.Empty) returns (renxin.common.v1.Empty) {
    option (renxin.options.v1.http) = {post: "/a"};
    option (renxin.options.v1.access) = {anonymous: true};
  }
  rpc Enter(Entry) returns (Entry) {
    option (renxin.options.v1.http) = {post: "/v1/enter"};
    option (renxin.options.v1.access) = {anonymous: true};
  }
  rpc Leave(Entry) returns (renxin.common.v1.Empty) {
    option (renxin.options.v1.http) = {post: "/v1/leave"};
    option (renxin.options.v1.access) = {anonymous: true};
  }
  rpc Keys(renxin.common.v1.Empty) returns (KeyList) {
    option (renxin.options.v1.access) = {anonymous: true, signing_keys: true};
  }
}
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_BLUE = 2; }
message Part {
  // Fen.
  int64 amount = 1 [(renxin.options.v1.field) = {gte: 0}];
  repeated Part inner = 2;
}
message Thing {
  string id = 1;
  string name = 2 [(renxin.options.v1.field) = {required: true, max_len: 200000}];
  Colour colour = 3;
  repeated Part parts = 4;
  int64 weight_g = 5;
  int64 version = 6;
}
message Entry { string refresh_token = 1 [(renxin.options.v1.field) = {required: true}]; string who = 2; }
message Page { string version = 1; }
message ReadThing { string id = 1 [(renxin.options.v1.field) = {max_len: 8}]; }
message ListThings { Colour colour = 1; repeated string tags = 2; int32 limit = 3 [(renxin.options.v1.field) = {lte: 200}]; bool deep = 4; Part part = 5; }
message Things { repeated Thing things = 1; }
message KeyEntry { string kid = 1; string public_key = 2; }
message KeyList { repeated KeyEntry keys = 1; }
)";

// Notes are their writer's; a head sees the group's, a clerk everybody's. A change of one is pushed to clients; that one was read is not.
inline constexpr const char* kNotes = R"(
syntax = "proto3";
package renxin.notes.v1;
import "renxin/options/v1/http.proto";
import "renxin/options/v1/access.proto";
import "renxin/options/v1/event.proto";
service NoteService {
  rpc Read(ReadNote) returns (Note) {
    option (renxin.options.v1.http) = {get: "/v1/notes/{id}"};
    option (renxin.options.v1.access) = {roles: ["writer", "head", "clerk"], sees_all: "clerk", sees_group: "head"};
  }
}
message ReadNote { string id = 1; }
message Note { string id = 1; string writer_id = 2; }
message NoteChanged {
  option (renxin.options.v1.event) = {
    name: "note_changed", audience: ["writer", "head", "clerk"], live: {read: "NoteService.Read", id: "note_id", owner: "writer_id"}
  };
  string note_id = 1;
  string writer_id = 2;
}
message NoteRead {
  option (renxin.options.v1.event) = {name: "note_read"};
  string note_id = 1;
}
)";

inline constexpr const char* kParcels = R"(
syntax = "proto3";
package renxin.parcels.v1;
import "renxin/options/v1/http.proto";
import "renxin/options/v1/access.proto";
import "renxin/options/v1/validate.proto";
import "renxin/common/v1/common.proto";
service ParcelService {
  rpc Begin(BeginParcel) returns (Begun) {
    option (renxin.options.v1.http) = {post: "/v1/parcels", success_status: 202, dispatch: {field: "kind"}, upload: {chunk: "Append", finish: "Finish"}};
    option (renxin.options.v1.access) = {roles: "admin"};
  }
  rpc Append(renxin.common.v1.Chunk) returns (renxin.common.v1.Empty) { option (renxin.options.v1.access) = {roles: "admin"}; }
  rpc Finish(renxin.common.v1.UploadRef) returns (Parcel) { option (renxin.options.v1.access) = {roles: "admin"}; }
  rpc Read(ReadParcel) returns (Parcel) {
    option (renxin.options.v1.http) = {get: "/v1/parcels/{id}", dispatch: {field: "id", by_prefix: true}};
    option (renxin.options.v1.access) = {roles: "admin"};
  }
  rpc Fetch(FetchParcel) returns (renxin.common.v1.BytesPage) {
    option (renxin.options.v1.http) = {get: "/v1/parcels/{id}/content.csv", dispatch: {field: "id", by_prefix: true},
                                       download: {content_type: "text/csv", file_name: "content.csv"}};
    option (renxin.options.v1.access) = {roles: "admin"};
  }
}
message BeginParcel { string kind = 1; string source = 2 [(renxin.options.v1.field) = {required: true}]; bool dry_run = 3; }
message Begun { string upload_id = 1; }
message ReadParcel { string id = 1; }
message FetchParcel { string id = 1; string page_token = 2; }
message Parcel { string id = 1; int64 size = 2; }
)";

inline constexpr const char* kEast = R"(
syntax = "proto3";
package renxin.east.v1;
import "renxin/options/v1/http.proto";
import "parcels.proto";
option (renxin.options.v1.hosts) = {contract: "renxin.parcels.v1.ParcelService" values: ["tea", "silk"]};
)";

inline constexpr const char* kWest = R"(
syntax = "proto3";
package renxin.west.v1;
import "renxin/options/v1/http.proto";
import "parcels.proto";
option (renxin.options.v1.hosts) = {contract: "renxin.parcels.v1.ParcelService" values: ["salt"]};
)";

}  // namespace renxin::gateway
