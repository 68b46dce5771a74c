package main

import (
	"fmt"
	"slices"
	"strings"
)

// reader reads parsed JSON into typed values. The first refusal sticks, and what is read after it is zero, so
// that a whole object is read before one look at err.
type reader struct{ refused error }

func (r *reader) refuse(why code, at, expected, found string) {
	if r.refused == nil {
		r.refused = refuse(why, at, expected, found)
	}
}

// object is a JSON object being read; at is its place in refusals.
type object struct {
	*reader
	at      string
	members jsonObject
}

// object is value as an object that has all of required and nothing beyond optional.
func (r *reader) object(value any, at string, required, optional []string) object {
	members, ok := value.(jsonObject)
	if !ok {
		r.refuse(codeShapeType, at, "object", typeName(value))
		return object{r, at, nil}
	}
	o := object{r, at, members}
	for _, name := range required {
		if !o.has(name) {
			r.refuse(codeShapeMembers, at, name, "no "+name)
		}
	}
	for _, m := range members {
		if !slices.Contains(required, m.name) && !slices.Contains(optional, m.name) {
			r.refuse(codeShapeMembers, at, strings.Join(append(slices.Clone(required), optional...), " "), m.name)
		}
	}
	return o
}

func (o object) place(name string) string { return o.at + "." + name }

func (o object) get(name string) any {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func (o object) has(name string) bool { return o.get(name) != nil }

func (o object) text(name string, f form) string {
	text, ok := o.get(name).(string)
	if !ok {
		o.refuse(codeShapeType, o.place(name), "string", typeName(o.get(name)))
		return ""
	}
	if !f.holds(text) {
		o.refuse(codeShapeValue, o.place(name), f.name, text)
		return ""
	}
	return text
}

// optional is the empty string where the member is absent: no form of docs/formats.md holds for that.
func (o object) optional(name string, f form) string {
	if !o.has(name) {
		return ""
	}
	return o.text(name, f)
}

func (o object) constant(name string, expected ...string) string {
	if text, ok := o.get(name).(string); ok && slices.Contains(expected, text) {
		return text
	}
	return o.text(name, form{strings.Join(expected, " "), func(text string) bool { return slices.Contains(expected, text) }})
}

func (o object) digest(name string) digest {
	if text := o.text(name, hex32Form); text != "" {
		return digestOf(text)
	}
	return digest{}
}

func (o object) integer(name string, low, high int64) int64 {
	number, ok := o.get(name).(int64)
	if !ok {
		o.refuse(codeShapeType, o.place(name), "integer", typeName(o.get(name)))
		return 0
	}
	if number < low || number > high {
		o.refuse(codeShapeValue, o.place(name), fmt.Sprintf("%d…%d", low, high), fmt.Sprint(number))
		return 0
	}
	return number
}

func (o object) array(name string, least, most int) []any {
	elements, ok := o.get(name).([]any)
	if !ok {
		o.refuse(codeShapeType, o.place(name), "array", typeName(o.get(name)))
		return nil
	}
	if len(elements) < least || len(elements) > most {
		o.refuse(codeShapeValue, o.place(name), fmt.Sprintf("%d…%d elements", least, most), fmt.Sprint(len(elements)))
		return nil
	}
	return elements
}

// texts is an array of strings of one form, in any order.
func (o object) texts(name string, f form, least, most int) []string {
	elements := o.array(name, least, most)
	texts := make([]string, len(elements))
	for i, element := range elements {
		text, ok := element.(string)
		if !ok {
			o.refuse(codeShapeType, fmt.Sprintf("%s[%d]", o.place(name), i), "string", typeName(element))
			return nil
		}
		if !f.holds(text) {
			o.refuse(codeShapeValue, fmt.Sprintf("%s[%d]", o.place(name), i), f.name, text)
			return nil
		}
		texts[i] = text
	}
	return texts
}

// sorted is texts, ascending and without repeats.
func (o object) sorted(name string, f form, least, most int) []string {
	texts := o.texts(name, f, least, most)
	for i := 1; i < len(texts); i++ {
		if texts[i-1] >= texts[i] {
			o.refuse(codeShapeOrder, fmt.Sprintf("%s[%d]", o.place(name), i), "ascending, no repeats", texts[i])
			return nil
		}
	}
	return texts
}

// distinct is texts, without repeats.
func (o object) distinct(name string, f form, least, most int) []string {
	texts := o.texts(name, f, least, most)
	seen := make(map[string]bool, len(texts))
	for i, text := range texts {
		if seen[text] {
			o.refuse(codeShapeOrder, fmt.Sprintf("%s[%d]", o.place(name), i), "no repeats", text)
			return nil
		}
		seen[text] = true
	}
	return texts
}

func typeName(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case int64:
		return "integer"
	case []any:
		return "array"
	case jsonObject:
		return "object"
	}
	return "nothing"
}

// membersOf are the members of the object o.name, whose names are data and have one form.
func (o object) membersOf(name string, names form) jsonObject {
	members, ok := o.get(name).(jsonObject)
	if !ok {
		o.refuse(codeShapeType, o.place(name), "object", typeName(o.get(name)))
	}
	for _, m := range members {
		if !names.holds(m.name) {
			o.refuse(codeShapeValue, o.place(name), names.name, m.name)
		}
	}
	return members
}
