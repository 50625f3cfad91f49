// Package stock talks to the registry that ACCORD_URL names as Go programs do.
package stock

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"reflect"
	"testing"
)

const (
	user   = `{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"}]}`
	wider  = `{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"x","type":"int","default":0}]}`
	wrong  = `{"type":"record","name":"User","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"y","type":"int"}]}`
	order  = `{"type":"record","name":"Order","fields":[{"name":"by","type":"shop.User"}]}`
	object = `{"type":"object","properties":{"id":{"type":"integer","minimum":1}}}`
	proto  = "syntax = \"proto3\";\npackage shop;\n\nmessage User {\n  int32 id = 1;\n}\n"
)

func address(t *testing.T) string {
	t.Helper()
	url := os.Getenv("ACCORD_URL")
	if url == "" {
		t.Fatal("ACCORD_URL names no registry")
	}
	return url
}

func unique(t *testing.T) string {
	t.Helper()
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	return "s" + hex.EncodeToString(random)
}

// must returns the value of a call that succeeded.
func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func equal[T any](t *testing.T, found, wanted T) {
	t.Helper()
	if !reflect.DeepEqual(found, wanted) {
		t.Fatalf("%v instead of %v", found, wanted)
	}
}
