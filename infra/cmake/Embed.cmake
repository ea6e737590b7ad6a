# Writes the file IN as the C++ array renxin_descriptor_set of OUT.
file(READ ${IN} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT}
  "extern const unsigned char renxin_descriptor_set[];\nextern const unsigned long renxin_descriptor_set_size;\n"
  "const unsigned char renxin_descriptor_set[] = {${bytes}};\nconst unsigned long renxin_descriptor_set_size = ${size};\n")
