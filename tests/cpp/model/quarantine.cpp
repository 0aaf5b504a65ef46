#include "model/quarantine.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace raddle::model {

namespace {

constexpr int kDead = 0xA5;
constexpr std::size_t kMost = 64;

std::size_t size_of_kept = 0;
bool learns_size = false;
unsigned char* kept[kMost];
std::size_t count = 0;

}  // namespace

void quarantine(std::size_t size) { size_of_kept = size; }

void quarantine_nothrow() { learns_size = true; }

bool quarantine_rests() {
  bool rests = true;
  for (; count != 0; --count) {
    unsigned char* memory = kept[count - 1];
    for (std::size_t i = 0; i < size_of_kept; ++i) rests = rests && memory[i] == kDead;
    std::free(memory);
  }
  return rests;
}

static void* make(std::size_t size) {
  if (learns_size) size_of_kept = size;
  return std::malloc(size);
}

static void give_back(void* memory, std::size_t size) {
  if (memory == nullptr || size != size_of_kept || count == kMost) return std::free(memory);
  kept[count++] = static_cast<unsigned char*>(std::memset(memory, kDead, size));
}

}  // namespace raddle::model

void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return raddle::model::make(size); }
void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t size) noexcept { raddle::model::give_back(memory, size); }
