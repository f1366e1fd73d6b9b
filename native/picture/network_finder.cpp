#include "picture/network_finder.h"

#include <algorithm>
#include <cstring>

#include "common/failure.h"
#include "enhance/synthesis.h"

namespace veneer {
namespace {

// Names of the networks that restore.
struct Names {
  const char* names[2];
  size_t count;
  Span<const char* const> all() const { return {names, count}; }
};

Names restoring_names(const Head& head) {
  if (head.base_kind == kJpeg) return {{"jpeg_restore"}, 1};
  if (head.base_scale == 2) return {{"restore_half", "latent_prior_half"}, 2};
  return {{"restore", "latent_prior"}, 2};
}

constexpr const char* kTexture[] = {"texture"};

// A model with those of some networks that it has.
Model load_model(const ModelFile& file, Span<const char* const> names, ModelSource& models) {
  Model model{};
  model.id = file.id;
  std::memcpy(model.name, file.name, sizeof model.name);
  for (const char* name : names) {
    const NetworkEntry* const entry = file.find(name);
    if (entry == nullptr) continue;
    model.networks.push_back(models.network(*entry));
    if (std::strcmp(model.networks.back()->name(), name) == 0) continue;
    fail(ErrorCode::kWeightsInvalid, Problem::kNowhere, "the weight file of network %s of model %s (%u) has network %s",
         name, file.name, file.id, model.networks.back()->name());
  }
  return model;
}

bool is_same(const NetworkEntry& a, const NetworkEntry& b) {
  return std::memcmp(a.sha256, b.sha256, sizeof a.sha256) == 0;
}

void add_needed(const ModelFile& model, Span<const char* const> names, Vector<NeededNetwork>* needed) {
  for (const char* name : names) {
    const NetworkEntry* const entry = model.find(name);
    if (entry == nullptr) continue;
    const bool is_known = std::any_of(needed->begin(), needed->end(),
                                      [&](const NeededNetwork& other) { return is_same(*other.entry, *entry); });
    if (!is_known) needed->push_back({&model, entry});
  }
}

}  // namespace

int realism_of(const DecodeSettings& settings, const Head& head) {
  return settings.realism == kRealismOfFile ? realism_from_head(head.default_realism) : settings.realism;
}

const Networks* NetworkFinder::find(const Head& head, const ModelSlot* slot) {
  if (slot == nullptr) return nullptr;
  const ptrdiff_t number = slot - head.models;
  if (number != slot_) {
    slot_ = number;
    networks_.reset();
    try {
      load(head, *slot);
    } catch (const Failure& failure) {
      problems_.push_back(failure.problem());
    }
  }
  return networks_ ? &*networks_ : nullptr;
}

const ModelNetwork* NetworkFinder::find_texture_where_lost(const Head& head) {
  const ModelSlot* const slot = texture_slot(head);
  if (slot == nullptr) return nullptr;
  try {
    texturing_ = load_model(*models_.find(*slot), {kTexture, 1}, models_);
    return &texture_network_of(texturing_);
  } catch (const Failure&) {  // then the smooth filling stays
    return nullptr;
  }
}

const JpegNetworks* NetworkFinder::find_for_jpeg(const Head& head) {
  if (head.model_count == 0 || slot_ == 0) return jpeg_networks_ ? &*jpeg_networks_ : nullptr;
  slot_ = 0;
  try {
    load_for_jpeg(head, head.models[0]);
  } catch (const Failure& failure) {
    problems_.push_back(failure.problem());
  }
  return find_for_jpeg(head);
}

void NetworkFinder::load(const Head& head, const ModelSlot& slot) {
  restoring_ = load_model(*models_.find(slot), restoring_names(head).all(), models_);
  networks_ = networks_of(restoring_, head.base_scale);
  if (!networks_) {
    fail(ErrorCode::kModelUnknown, Problem::kNowhere, "model %s (%d) has no networks for Base_Scale %d",
         restoring_.name, slot.model_id, head.base_scale);
  }
  const ModelSlot* const textures = texture_slot(head);
  if (textures == nullptr || realism_of(settings_, head) == 0) return;
  texturing_ = load_model(*models_.find(*textures), {kTexture, 1}, models_);
  networks_->texture = &texture_network_of(texturing_);
}

void NetworkFinder::load_for_jpeg(const Head& head, const ModelSlot& slot) {
  const std::shared_ptr<const ModelFile> file = models_.find(slot);
  restoring_ = load_model(*file, restoring_names(head).all(), models_);
  jpeg_networks_ = jpeg_networks_of(restoring_);
  if (!jpeg_networks_) {
    fail(ErrorCode::kModelUnknown, Problem::kNowhere, "model %s (%d) restores no JPEGs", restoring_.name,
         slot.model_id);
  }
  if (file->find(kTexture[0]) == nullptr || realism_of(settings_, head) == 0) return;
  texturing_ = load_model(*file, {kTexture, 1}, models_);
  jpeg_networks_->texture = &jpeg_texture_network_of(texturing_);
}

Model filling_model(const Head& head, ModelSource& models) {
  if (const ModelSlot* slot = texture_slot(head)) {
    try {
      Model model = load_model(*models.find(*slot), {kTexture, 1}, models);
      texture_network_of(model);
      return model;
    } catch (const Failure&) {  // the other one is used
    }
  }
  Model model{};
  if (std::shared_ptr<const ModelNetwork> network = models.filling()) model.networks.push_back(std::move(network));
  return model;
}

Vector<NeededNetwork> needed_networks(const Contents& contents, const DecodeSettings& settings,
                                      FunctionRef<const ModelFile*(const ModelSlot&)> known) {
  Vector<NeededNetwork> needed;
  const Head& head = contents.head;
  if (settings.layers != Layers::kFull) return needed;
  const bool keeps_jpeg = head.base_kind == kJpeg, textures = realism_of(settings, head) > 0;
  for (const ModelSlot& slot : head.model_table()) {
    const ModelFile* const file = known(slot);
    if (file == nullptr) continue;
    const bool is_chosen = contents.model() == nullptr || contents.model() == &slot;
    if (keeps_jpeg || ((slot.role & kRestores) && is_chosen)) add_needed(*file, restoring_names(head).all(), &needed);
    if (textures && (keeps_jpeg || texture_slot(head) == &slot)) add_needed(*file, {kTexture, 1}, &needed);
  }
  return needed;
}

}  // namespace veneer
