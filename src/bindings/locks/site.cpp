// The table is a hash table of lists to which places are added and from which none is removed. It holds no Python
// object: reports read it from other threads, at any time.
#include "site.hpp"

#include <cstdlib>
#include <cstring>

#include "../python.hpp"
#include "raddle/base/atomic.hpp"

namespace raddle::python {

namespace {

constexpr std::size_t kLists = 1024;
// Programs that make code without end must not fill the memory.
constexpr std::size_t kMost = 100'000;

constinit atomic<const Site*> lists[kLists]{};
constinit atomic<std::size_t> count{0};

std::size_t hash_of(const char* file, int line) noexcept {
  std::size_t hash = static_cast<std::size_t>(line);
  for (; *file != '\0'; ++file) hash = hash * 31 + static_cast<unsigned char>(*file);
  return hash;
}

const Site* find(const Site* site, const char* file, const char* function, int line) noexcept {
  while (site != nullptr &&
         (site->line != line || std::strcmp(site->file, file) != 0 || std::strcmp(site->function, function) != 0))
    site = site->next;
  return site;
}

const Site* intern(const char* file, const char* function, int line) noexcept {
  atomic<const Site*>& list = lists[hash_of(file, line) % kLists];
  const Site* first = list.load(order::acquire);  // acquire, pairs with the release below: what it is is visible
  if (const Site* known = find(first, file, function, line)) return known;
  if (count.load(order::relaxed) >= kMost) return nullptr;  // relaxed: a rough limit
  const std::size_t file_size = std::strlen(file) + 1, function_size = std::strlen(function) + 1;
  auto* memory = static_cast<char*>(std::malloc(sizeof(Site) + file_size + function_size));
  if (memory == nullptr) return nullptr;
  char* text = memory + sizeof(Site);
  std::memcpy(text, file, file_size);
  std::memcpy(text + file_size, function, function_size);
  auto* site = ::new (static_cast<void*>(memory)) Site{text, text + file_size, line, first};
  // release, pairs with the acquire above. Of two threads that add the same place both do: no harm.
  while (!list.compare_exchange_weak(site->next, site, order::release, order::relaxed)) {
  }
  count.fetch_add(1, order::relaxed);
  return site;
}

}  // namespace

namespace {

// The collector must not run in here: it would run finalisers. Later interpreters only note that it is due, when
// an object is made.
class NoCollection {
 public:
#if PY_VERSION_HEX < 0x030C0000
  NoCollection() noexcept : was_enabled_(PyGC_Disable() != 0) {}
  ~NoCollection() {
    if (was_enabled_) PyGC_Enable();
  }

 private:
  bool was_enabled_;
#else
  NoCollection() noexcept {}
#endif
};

}  // namespace

const Site* current_site() {
  const NoCollection none;
  PyObject* raised[3];
  PyErr_Fetch(&raised[0], &raised[1], &raised[2]);  // what is being raised must survive this
  const Site* site = nullptr;
  {
    const Ref frame(reinterpret_cast<PyObject*>(PyThreadState_GetFrame(PyThreadState_Get())));
    if (frame) {
      auto* of = reinterpret_cast<PyFrameObject*>(frame.get());
      const Ref code(reinterpret_cast<PyObject*>(PyFrame_GetCode(of)));
      auto* details = reinterpret_cast<PyCodeObject*>(code.get());
      const char* file = PyUnicode_AsUTF8(details->co_filename);
      const char* function = PyUnicode_AsUTF8(details->co_qualname);
      if (file != nullptr && function != nullptr) site = intern(file, function, PyFrame_GetLineNumber(of));
    }
  }
  PyErr_Restore(raised[0], raised[1], raised[2]);
  return site;
}

}  // namespace raddle::python
