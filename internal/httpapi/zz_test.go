package httpapi
import ("testing";"fmt";"errors";"bytes"
"github.com/go-json-experiment/json"
"github.com/go-json-experiment/json/jsontext"
"vacancy/internal/booking")
func TestZZ(t *testing.T){
 for _, b := range []string{`{"x":1}`,`{"customer":{"fax":1}}`,`{"party_size":1.0}`,`{"party_size":18446744073709551617}`,`{"party_size":1e400}`,`{"party_size":"two"}`,`{"hold":"yes"}`,`{"customer":[]}`,`{"service":7}`,`{"start":7}`,`{"start":"x"}`,
 "{\"service\":\"c\xffut\"}", `{"service":"\ud83dx"}`,`{"service":"a","service":"b"}`,`{"customer":{"name":1,"name":2}}`,`{"service":"cut"`,`{} {}`,`{}x`,`{"service":"cut",}`,`{"service":}`,`{"serv`,`{"service":"a"/*x*/}`,`{"party_size":NaN}`,`{"hold":tru}`,"{\"a\xff\":1}",`{"customer":{"name":"x","y":}}`,`{"a~/b":1}`} {
  var r BookingRequest
  err := json.Unmarshal([]byte(b), &r, json.RejectUnknownMembers(true))
  fmt.Printf("%-50q %v\n", b, err)
  if s, ok := errors.AsType[*json.SemanticError](err); ok { fmt.Printf("    SEM %q kind %q type %v err %T %v\n", s.JSONPointer, s.JSONKind, s.GoType, s.Err, s.Err)}
  if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok { fmt.Printf("    SYN %q off %d err %T %v\n", s.JSONPointer, s.ByteOffset, s.Err, s.Err)}
  d := jsontext.NewDecoder(bytes.NewBufferString(b)); for { if _, err = d.ReadToken(); err != nil {break} }
  if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok { fmt.Printf("    TOK %q off %d err %v\n", s.JSONPointer, s.ByteOffset, s.Err)} else {fmt.Println("    TOK",err)}
 }
 for _, b := range []string{`{"hours":{"mon":["x"]}}`,`{"hours":{"mon":[9]}}`,`{"hours":{"mon":"a"}}`,`{"exceptions":[{"date":5}]}`,`{"capacity":true}`,`{"exceptions":[{"date":"2026-02-30"}]}`} {
  var r ResourceSettings
  err := json.Unmarshal([]byte(b), &r, json.RejectUnknownMembers(true))
  if s, ok := errors.AsType[*json.SemanticError](err); ok { fmt.Printf("    SEM %q kind %q type %v err %T %v\n", s.JSONPointer, s.JSONKind, s.GoType, s.Err, s.Err)}
 }
 _ = booking.Date{}
}
