#include "shared/privacy/token.h"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "shared/core/text.h"
#include "shared/privacy/token_json.h"

namespace renxin::privacy {
namespace {

void StartSodium() {
  static const int state = sodium_init();
  if (state < 0) {
    throw std::runtime_error("libsodium cannot start");
  }
}

bool IsKeyId(std::string_view kid) {
  return !kid.empty() && kid.size() <= 64 && std::all_of(kid.begin(), kid.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Error BadToken(std::string_view message) {
  return {.code = Code::kUnauthenticated, .reason = Reason::kBadToken, .message = std::string(message)};
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  // header.payload
};

std::optional<Parts> Split(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > kTokenMaxBytes || first == std::string_view::npos || first == last || token.find('.', first + 1) != last) {
    return std::nullopt;
  }
  return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1), token.substr(last + 1), token.substr(0, last)};
}

const std::string* FindText(const TokenObject& object, std::string_view name) {
  const auto it = object.find(name);
  return it == object.end() ? nullptr : std::get_if<std::string>(&it->second);
}

std::optional<TokenObject> Decode(std::string_view part) {
  const auto text = FromBase64Url(part);
  return text ? ParseTokenObject(*text) : std::nullopt;
}

// The kid of a header that has exactly the three members we write; empty otherwise.
std::string KeyIdOf(std::string_view header_part) {
  const auto header = Decode(header_part);
  if (!header || header->size() != 3) {
    return "";
  }
  const auto* alg = FindText(*header, "alg");
  const auto* typ = FindText(*header, "typ");
  const auto* kid = FindText(*header, "kid");
  const bool ours = alg != nullptr && *alg == "EdDSA" && typ != nullptr && *typ == "JWT" && kid != nullptr && IsKeyId(*kid);
  return ours ? *kid : "";
}

bool ReadClaims(const TokenObject& object, Claims* claims) {
  const auto text = [&](std::string_view name, std::string* out) {
    const auto* value = FindText(object, name);
    if (value != nullptr) {
      *out = *value;
    }
    return value != nullptr;
  };
  const auto number = [&](std::string_view name, std::int64_t* out) {
    const auto it = object.find(name);
    const auto* value = it == object.end() ? nullptr : std::get_if<std::int64_t>(&it->second);
    if (value != nullptr) {
      *out = *value;
    }
    return value != nullptr;
  };
  const auto roles = object.find("roles");
  const auto* list = roles == object.end() ? nullptr : std::get_if<std::vector<std::string>>(&roles->second);
  if (list == nullptr || object.size() != 10) {
    return false;
  }
  claims->roles = *list;
  return text("iss", &claims->issuer) && text("aud", &claims->audience) && text("sub", &claims->account_id) &&
         text("staff", &claims->staff_id) && text("name", &claims->username) && number("iat", &claims->issued_at) &&
         number("nbf", &claims->not_before) && number("exp", &claims->expires_at) && text("jti", &claims->token_id);
}

std::string PayloadJson(const Claims& claims) {
  std::string roles;
  for (const auto& role : claims.roles) {
    roles += (roles.empty() ? "" : ",") + QuoteJson(role);
  }
  return "{\"iss\":" + QuoteJson(claims.issuer) + ",\"aud\":" + QuoteJson(claims.audience) + ",\"sub\":" + QuoteJson(claims.account_id) +
         ",\"staff\":" + QuoteJson(claims.staff_id) + ",\"name\":" + QuoteJson(claims.username) + ",\"roles\":[" + roles +
         "],\"iat\":" + std::to_string(claims.issued_at) + ",\"nbf\":" + std::to_string(claims.not_before) +
         ",\"exp\":" + std::to_string(claims.expires_at) + ",\"jti\":" + QuoteJson(claims.token_id) + "}";
}

}  // namespace

SigningKey NewSigningKey(std::string kid) {
  StartSodium();
  SigningKey key{.kid = std::move(kid)};
  crypto_sign_keypair(key.public_key.data(), key.secret_key.data());
  return key;
}

SigningKey SigningKeyFromSeed(std::string kid, std::string_view seed) {
  StartSodium();
  if (seed.size() != crypto_sign_SEEDBYTES) {
    throw std::invalid_argument("the seed of a signing key has 32 bytes");
  }
  SigningKey key{.kid = std::move(kid)};
  crypto_sign_seed_keypair(key.public_key.data(), key.secret_key.data(), reinterpret_cast<const unsigned char*>(seed.data()));
  return key;
}

std::string SignToken(const Claims& claims, const SigningKey& key) {
  StartSodium();
  const std::string payload = PayloadJson(claims);
  if (!IsKeyId(key.kid) || !ParseTokenObject(payload)) {
    throw std::invalid_argument("the token would not be accepted");
  }
  std::string token = ToBase64Url(R"({"alg":"EdDSA","kid":")" + key.kid + R"(","typ":"JWT"})") + "." + ToBase64Url(payload);
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                       key.secret_key.data());
  token += "." + ToBase64Url({reinterpret_cast<const char*>(signature.data()), signature.size()});
  if (token.size() > kTokenMaxBytes) {
    throw std::invalid_argument("the token is larger than 4 KB");
  }
  return token;
}

bool KeyRing::AddEncoded(std::string kid, std::string_view base64url) {
  const auto bytes = FromBase64Url(base64url);
  PublicKey key{};
  if (!bytes || bytes->size() != key.size() || !IsKeyId(kid)) {
    return false;
  }
  std::copy(bytes->begin(), bytes->end(), key.begin());
  Add(std::move(kid), key);
  return true;
}

const PublicKey* KeyRing::Find(std::string_view kid) const {
  const auto it = keys_.find(kid);
  return it == keys_.end() ? nullptr : &it->second;
}

std::string TokenKeyId(std::string_view token) {
  const auto parts = Split(token);
  return parts ? KeyIdOf(parts->header) : "";
}

Result<Claims> VerifyToken(std::string_view token, const KeyRing& keys, Instant now) {
  StartSodium();
  const auto parts = Split(token);
  if (!parts) {
    return BadToken("the token has not the shape of one");
  }
  const std::string kid = KeyIdOf(parts->header);
  const PublicKey* key = kid.empty() ? nullptr : keys.Find(kid);
  if (key == nullptr) {
    return BadToken("the token's header or key is not ours");
  }
  const auto signature = FromBase64Url(parts->signature);
  if (!signature || signature->size() != crypto_sign_BYTES ||
      crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature->data()),
                                  reinterpret_cast<const unsigned char*>(parts->signed_text.data()), parts->signed_text.size(),
                                  key->data()) != 0) {
    return BadToken("the token's signature is wrong");
  }
  const auto payload = Decode(parts->payload);
  Claims claims;
  if (!payload || !ReadClaims(*payload, &claims) || claims.issuer != kTokenIssuer || claims.audience != kTokenAudience ||
      claims.account_id.empty()) {
    return BadToken("the token's claims are not ours");
  }
  RETURN_IF_ERROR(CheckTimes(claims, now));
  return claims;
}

Status CheckTimes(const Claims& claims, Instant now) {
  const std::int64_t seconds = now.micros / 1'000'000;
  if (claims.not_before > seconds + kTokenLeewaySeconds || claims.issued_at > seconds + kTokenLeewaySeconds) {
    return BadToken("the token is not valid yet");
  }
  if (claims.expires_at <= seconds - kTokenLeewaySeconds) {
    return Error{.code = Code::kUnauthenticated, .reason = Reason::kTokenExpired, .message = "the token has expired"};
  }
  return Ok{};
}

}  // namespace renxin::privacy
